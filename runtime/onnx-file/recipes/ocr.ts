import { isFloat, rank, size, type FolderFacts, type ModelFacts, type Recipe } from "./facts.ts";
import { imageInput } from "./image.ts";

/** More classes than labels of a text have, and fewer than a vocabulary: characters. */
const fewestCharacters = 30;
/** Beside the characters a recogniser has a blank, and mostly a space. */
const extraClasses = [1, 2] as const;

/** Three graphs that work together: find lines, turn them, read them. Two of them are enough. */
export function ocrRecipes({ models, lists }: FolderFacts): Recipe[] {
  const [asked] = models;
  const roles = models.map((model) => ({ model, role: roleOf(model) }));
  const detect = roles.find(({ role }) => role === "detect")?.model;
  const recognise = roles.find(({ role }) => role === "recognise")?.model;
  const orient = roles.find(({ role }) => role === "orient")?.model;
  if (asked === undefined || ![detect, recognise, orient].includes(asked) || (detect === undefined && recognise === undefined)) return [];
  const classes = recognise === undefined ? null : size(recognise.outputs[0]!, -1);
  const list = lists.find(({ lines }) => classes !== null && extraClasses.some((extra) => lines + extra === classes));
  const missing = [
    ...(detect === undefined ? ["a detector of lines, such as det.onnx"] : []), ...(recognise === undefined ? ["a recogniser, such as rec.onnx"] : []),
    ...(list === undefined ? [`a text file of the recogniser's ${classes === null ? "" : `${classes - 2} `}characters, one a line`] : []),
  ];
  const height = recognise === undefined ? null : size(recognise.inputs[0]!, 2);
  return [{
    task: "ocr", score: 95 - 25 * missing.length, missing,
    reasons: [
      ...(detect === undefined ? [] : [`${detect.file} gives a map as large as the image`]),
      ...(recognise === undefined ? [] : [`${recognise.file} gives ${classes ?? "many"} classes along a line`]),
      ...(orient === undefined ? [] : [`${orient.file} tells two directions apart`]),
      ...(list === undefined ? [] : [`${list.file} lists ${list.lines} characters`]),
    ],
    assumed: [],
    manifest: {
      task: "ocr", detect: { model: detect?.file ?? "det.onnx" }, ...(orient !== undefined && { orient: { model: orient.file } }),
      recognise: {
        model: recognise?.file ?? "rec.onnx", ...(height !== null && { height }), characters: list?.file ?? "characters.txt",
        ...(list !== undefined && classes !== null && { space: classes - list.lines === 2 }),
      },
    },
  }];
}

function roleOf(model: ModelFacts): "detect" | "recognise" | "orient" | null {
  const [output, ...others] = model.outputs;
  if (imageInput(model) === null || output === undefined || others.length > 0 || !isFloat(output)) return null;
  if (rank(output) === 4 && size(output, 1) === 1) return "detect";
  const classes = size(output, -1);
  // Lines have a fixed height and any width; a detector of things has neither so.
  const free = size(model.inputs[0]!, 3) === null;
  if (rank(output) === 3 && classes !== null && classes >= fewestCharacters && free && size(model.inputs[0]!, 2) !== null) return "recognise";
  return rank(output) === 2 && classes === 2 && /cls|orient|angle|direction/i.test(model.file) ? "orient" : null;
}
