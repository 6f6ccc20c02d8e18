import type { GraphValue } from "../../../protocol/graph.ts";
import { isFloat, rank, shapeText, size, type FolderFacts, type InputOf, type ModelFacts, type Recipe } from "./facts.ts";
import { labelReason, labelsOr, numbersForLabels } from "./text.ts";

interface ImageGraph {
  readonly model: ModelFacts;
  readonly input: GraphValue;
  readonly channels: number;
  readonly image: InputOf<"image-classification">["image"];
  readonly assumed: readonly string[];
}

/** What nets for labels are trained with, where nothing says otherwise. */
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const usualSide = { labels: 224, detection: 640 };

/** Models that take one image: labels or boxes, by the shapes of what they give. */
export function imageRecipes(facts: FolderFacts): Recipe[] {
  const [model] = facts.models;
  if (model === undefined) return [];
  return [labels(facts, model), detection(facts, model)].filter((recipe) => recipe !== null);
}

/** The graph's only input, when it is an image: four dimensions, of which one is colours. */
export function imageInput({ inputs }: ModelFacts): { readonly input: GraphValue; readonly layout: "nchw" | "nhwc"; readonly channels: number } | null {
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0 || rank(input) !== 4 || !(isFloat(input) || input.type === "uint8")) return null;
  for (const [layout, axis] of [["nchw", 1], ["nhwc", 3]] as const) {
    const channels = size(input, axis);
    if (channels === 3 || channels === 1) return { input, layout, channels };
  }
  return null;
}

function imageGraph(facts: FolderFacts, model: ModelFacts, side: number, normal: { mean: number[]; std: number[] } | null): ImageGraph | null {
  const found = imageInput(model);
  if (found === null) return null;
  const { input, layout, channels } = found;
  const [heightAxis, widthAxis] = layout === "nchw" ? [2, 3] : [1, 2];
  const [height, width] = [size(input, heightAxis) ?? facts.image?.height, size(input, widthAxis) ?? facts.image?.width];
  const { scale, mean, std, resize } = facts.image ?? {};
  const bytes = input.type === "uint8";
  const values = mean !== undefined && std !== undefined ? { mean: [...mean], std: [...std] } : channels === 3 && !bytes ? normal : null;
  return {
    model, input, channels,
    image: {
      tensor: input.name, width: width ?? side, height: height ?? side, layout, ...(resize !== undefined && { resize }), ...(channels === 1 && { colors: "gray" }),
      ...(bytes ? { scale: 1 } : scale !== undefined && { scale }), ...values,
    },
    assumed: [
      ...(width === undefined || height === undefined ? [`image: ${side} × ${side} pixels, for the graph takes any size`] : []),
      ...(mean === undefined && !bytes ? ["image: how values are scaled (mean and std), which no graph says"] : []),
    ],
  };
}

function labels(facts: FolderFacts, model: ModelFacts): Recipe | null {
  const [output] = model.outputs;
  const graph = imageGraph(facts, model, usualSide.labels, imagenet);
  // Some exporters leave a 1 × 1 image of scores.
  if (graph === null || output === undefined || !isFloat(output) || model.outputs.length > 1 || rank(output) !== 2) return null;
  const count = size(output, 1);
  const match = facts.labels !== null && (count === null || facts.labels.count === count);
  return {
    task: "image-classification", score: match ? 92 : count === null ? 40 : 70, missing: [],
    reasons: [`"${graph.input.name}" ${shapeText(graph.input)} takes images`, `"${output.name}" ${shapeText(output)} is a score for each label`, ...labelReason(facts, match)],
    assumed: [...graph.assumed, ...(match ? [] : [numbersForLabels])],
    manifest: { task: "image-classification", model: model.file, image: graph.image, labels: labelsOr(facts, match, count), output: output.name },
  };
}

interface Head {
  readonly head: InputOf<"object-detection">["head"];
  readonly outputs: readonly GraphValue[];
  readonly classes: number | null;
  readonly reason: string;
}

function detection(facts: FolderFacts, model: ModelFacts): Recipe | null {
  const head = headOf(model.outputs);
  const graph = imageGraph(facts, model, usualSide.detection, head?.head === "detr" ? imagenet : null);
  if (graph === null || head === null) return null;
  const match = facts.labels !== null && (head.classes === null || facts.labels.count === head.classes);
  const image = head.head === "yolo" ? { ...graph.image, resize: "letterbox" as const } : graph.image;
  return {
    task: "object-detection", score: match ? 92 : 75, missing: [], reasons: [`"${graph.input.name}" ${shapeText(graph.input)} takes images`, head.reason, ...labelReason(facts, match)],
    assumed: [...(head.head === "yolo" ? graph.assumed.filter((text) => !text.includes("mean")) : graph.assumed), ...(match ? [] : [numbersForLabels])],
    manifest: { task: "object-detection", model: model.file, image, head: head.head, labels: labelsOr(facts, match, head.classes), outputs: head.outputs.map(({ name }) => name) },
  };
}

/** Coordinates of a box. */
const corners = 4;

function headOf(outputs: readonly GraphValue[]): Head | null {
  const boxes = outputs.find((output) => isFloat(output) && size(output, -1) === corners && output.name.includes("box"));
  const logits = outputs.find((output) => output !== boxes && isFloat(output) && rank(output) === 3);
  if (boxes !== undefined && logits !== undefined) {
    const width = size(logits, -1);
    return { head: "detr", outputs: [logits, boxes], classes: width === null ? null : width - 1, reason: `"${logits.name}" and "${boxes.name}" are scores and boxes of places` };
  }
  const scores = outputs.find((output) => output !== boxes && isFloat(output) && output.name.includes("score"));
  const classes = outputs.find((output) => output !== boxes && output !== scores && /class|label/.test(output.name));
  if (boxes !== undefined && scores !== undefined && classes !== undefined) {
    return { head: "boxes", outputs: [boxes, scores, classes], classes: null, reason: `"${boxes.name}", "${scores.name}" and "${classes.name}" are boxes that the graph has chosen` };
  }
  const [only, ...others] = outputs;
  if (only === undefined || others.length > 0 || !isFloat(only) || rank(only) !== 3) return null;
  const [rows, places] = [size(only, 1), size(only, 2)];
  // 4 + labels rows of thousands of places; a text's output has it the other way round.
  if (rows === null || rows <= corners || (places !== null && places < rows)) return null;
  return { head: "yolo", outputs: [only], classes: rows - corners, reason: `"${only.name}" ${shapeText(only)} is a box and ${rows - corners} scores for each place` };
}
