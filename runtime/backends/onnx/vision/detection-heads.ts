import { InfernoError } from "../../../../protocol/errors.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import { finite } from "../float-values.ts";
import { activate } from "../label-scores.ts";
import type { Tensor } from "../tensors.ts";
import type { Size } from "./picture.ts";

/** In pixels of the frame that the graph took; `label` is a class number. */
export interface FrameBox {
  readonly label: number;
  readonly score: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What is needed beside the outputs to read them. */
export interface HeadOptions {
  readonly frame: Size;
  readonly labels: number;
  readonly threshold: number;
}

type ReadHead = (outputs: readonly Tensor[], row: number, options: HeadOptions) => FrameBox[];

/** How the outputs of each head are read, for the image in `row` of the batch. Throw InfernoError `inference_failed` when outputs are of another shape, or what was found is no number. */
export const heads: Readonly<Record<ManifestOf<"object-detection">["head"], ReadHead>> = { yolo: numbers(yolo), detr: numbers(detr), boxes: numbers(boxes) };

/** Infinities count only in what was found: in scores below the threshold they mean "never". */
function numbers(read: ReadHead): ReadHead {
  return (...asked) => {
    const found = read(...asked);
    for (const { score, left, top, right, bottom } of found) finite(Float32Array.of(score, left, top, right, bottom), "scores and boxes");
    return found;
  };
}

/** [batch, 4 + labels, places], or with the last two the other way round, or with a score for "anything" before the labels (YOLOv5). */
function yolo(outputs: readonly Tensor[], row: number, { labels, threshold }: HeadOptions): FrameBox[] {
  const { data, shape } = floats(outputs[0], 3);
  const [, rows = 0, columns = 0] = shape;
  const width = [4 + labels, 5 + labels].find((size) => size === rows || size === columns);
  if (width === undefined) throw unreadable("yolo", shape, `${4 + labels} or ${5 + labels} values a place, for ${labels} labels`);
  // In [batch, values, places] a place's values lie `places` apart.
  const [places, placeStep, valueStep] = width === rows ? [columns, 1, columns] : [rows, columns, 1];
  const found: FrameBox[] = [];
  for (let place = 0; place < places; place += 1) {
    const begin = row * rows * columns + place * placeStep;
    const value = (index: number) => data[begin + index * valueStep] ?? 0;
    const anything = width === 5 + labels ? value(4) : 1;
    let [label, score] = [-1, threshold];
    for (let index = 0; index < labels; index += 1) {
      const its = value(width - labels + index) * anything;
      if (its >= score) [label, score] = [index, its];
    }
    if (label >= 0) found.push({ label, score, ...around(value(0), value(1), value(2), value(3)) });
  }
  return found;
}

/** Logits [batch, queries, labels], with one class more for "nothing" where they are meant for softmax; boxes [batch, queries, 4], centre and size as shares of the frame. */
function detr(outputs: readonly Tensor[], row: number, { frame, labels, threshold }: HeadOptions): FrameBox[] {
  const logits = floats(outputs[0], 3);
  const places = floats(outputs[1], 3);
  const [, queries = 0, classes = 0] = logits.shape;
  if (classes !== labels && classes !== labels + 1) throw unreadable("detr", logits.shape, `${labels} or ${labels + 1} classes`);
  if (places.shape[1] !== queries || places.shape[2] !== 4) throw unreadable("detr", places.shape, `four values for each of ${queries} queries`);
  const found: FrameBox[] = [];
  for (let query = 0; query < queries; query += 1) {
    const begin = (row * queries + query) * classes;
    const scores = activate(logits.data, begin, classes, classes === labels + 1 ? "softmax" : "sigmoid");
    const best = scores.slice(0, labels).reduce((most, score, index, all) => (score > (all[most] ?? 0) ? index : most), 0);
    const score = scores[best] ?? 0;
    if (!(score >= threshold)) continue;
    const [x = 0, y = 0, width = 0, height = 0] = places.data.subarray((row * queries + query) * 4);
    found.push({ label: best, score, ...around(x * frame.width, y * frame.height, width * frame.width, height * frame.height) });
  }
  return found;
}

/** One output [batch, boxes, 6] of corners, score and class; or boxes [batch, boxes, 4], scores and classes [batch, boxes], with or without the batch. */
function boxes(outputs: readonly Tensor[], row: number, { labels, threshold }: HeadOptions): FrameBox[] {
  const [corners, scores, classes] = outputs;
  if (corners?.type !== "float32") throw unreadable("boxes", corners?.shape ?? [], "float32");
  const values = corners.shape.at(-1) ?? 0;
  const count = corners.shape.at(-2) ?? 0;
  const separate = scores !== undefined && classes !== undefined;
  if (values !== (separate ? 4 : 6)) throw unreadable("boxes", corners.shape, separate ? "four corners a box" : "six values a box, or three outputs");
  const found: FrameBox[] = [];
  for (let index = row * count; index < (row + 1) * count; index += 1) {
    const [left = 0, top = 0, right = 0, bottom = 0, itsScore = 0, itsClass = -1] = corners.data.subarray(index * values);
    const score = separate ? Number(scores.data[index]) : itsScore;
    const label = separate ? Number(classes.data[index]) : itsClass;
    if (score >= threshold && Number.isInteger(label) && label >= 0 && label < labels) found.push({ label, score, left, top, right, bottom });
  }
  return found;
}

function around(x: number, y: number, width: number, height: number): Pick<FrameBox, "left" | "top" | "right" | "bottom"> {
  return { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 };
}

function floats(output: Tensor | undefined, rank: number): Tensor<"float32"> {
  if (output?.type === "float32" && output.shape.length === rank) return output;
  throw new InfernoError("inference_failed", `The detection head's output is ${output === undefined ? "missing" : `${output.type} [${output.shape.join(", ")}]`} instead of float32 with ${rank} dimensions.`, { hint: "Check `head` and `outputs` in the manifest." });
}

function unreadable(head: string, shape: readonly number[], expected: string): InfernoError {
  return new InfernoError("inference_failed", `An output [${shape.join(", ")}] is no \`${head}\` head: it needs ${expected}.`, { hint: "Check `head`, `outputs` and `labels` in the manifest." });
}
