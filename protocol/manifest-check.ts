import type { z } from "zod";
import { didYouMean } from "../base/near.ts";
import { Manifest } from "./manifest.ts";

/** What can be said of a manifest, the same words for the daemon, which refuses it, and for the editor, which shows the place. */

/** The one schema of a task, so that findings are about this task and not about all; or what is wrong with `task`. */
export function schemaOfTask(task: unknown): z.ZodType<Manifest> | string {
  const schema = Manifest.options.find(({ shape }) => shape.task.value === task);
  if (schema !== undefined) return schema;
  const tasks = Manifest.options.map(({ shape }) => shape.task.value);
  const said = task === undefined ? "is missing" : `${JSON.stringify(task)} is none that a manifest can have`;
  return `task: ${said}; it is one of ${tasks.join(", ")}.${didYouMean(String(task), tasks)}`;
}

type Path = readonly (string | number)[];
/** A text of the manifest with its place in it, where it may stand only as a default. */
export interface Named {
  readonly path: Path;
  readonly name: string;
}

/** The files that a manifest names, those that it names by default too. */
export function filesOf(manifest: Manifest): Named[] {
  const at = (name: string, ...path: Path): Named => ({ path, name });
  switch (manifest.task) {
    case "embedding":
    case "rerank":
      return [at(manifest.model, "model"), at(manifest.tokenizer, "tokenizer")];
    case "text-classification":
    case "token-classification":
      return [at(manifest.model, "model"), at(manifest.tokenizer, "tokenizer"), ...inFile(manifest.labels, "labels")];
    case "image-classification":
    case "object-detection":
      return [at(manifest.model, "model"), ...inFile(manifest.labels, "labels")];
    case "ocr": {
      const { detect, orient, recognise } = manifest;
      return [
        at(detect.model, "detect", "model"), ...(orient === undefined ? [] : [at(orient.model, "orient", "model")]),
        at(recognise.model, "recognise", "model"), at(recognise.characters, "recognise", "characters"),
      ];
    }
    case "transcription":
      return [at(manifest.encoder, "encoder"), at(manifest.decoder, "decoder"), at(manifest.tokenizer, "tokenizer")];
    case "speech":
      return [at(manifest.model, "model"), ...inFile(manifest.characters, "characters"), ...Object.entries(manifest.voices).flatMap(([voice, value]) => inFile(value, "voices", voice))];
    case "vad":
    case "wake-word":
    case "raw":
      return [at(manifest.model, "model")];
  }
}

/** A value that stands in the manifest itself, or in a file whose name stands there. */
const inFile = (value: unknown, ...path: Path): Named[] => (typeof value === "string" ? [{ path, name: value }] : []);

/** Names of a graph's values, in its order. */
export interface GraphNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface GraphProblem {
  readonly path: Path;
  readonly message: string;
}

/** `key`: where the manifest names it. */
export const noSuchTensor = (key: string, side: "input" | "output", name: string, names: readonly string[]): string =>
  `${key}: the graph has no ${side} "${name}"; it has ${names.join(", ")}.`;

/** What a manifest names and its graph does not have, and which of the graph's inputs get nothing. Manifests of several graphs name no tensors. */
export function graphProblems(manifest: Manifest, { inputs, outputs }: GraphNames): GraphProblem[] {
  const { taken, given } = tensorsOf(manifest);
  const missing = (side: "input" | "output", wanted: readonly Named[], names: readonly string[]): GraphProblem[] =>
    wanted.filter(({ name }) => !names.includes(name)).map(({ path, name }) => ({ path, message: noSuchTensor(path.join("."), side, name, names) }));
  const left = isOfTexts(manifest) ? inputs.filter((input) => !taken.some(({ name }) => name === input)) : [];
  return [
    ...missing("input", taken, inputs), ...missing("output", given, outputs),
    ...(left.length === 0 ? [] : [{ path: ["tensors"], message: nothingGiven(left) }]),
  ];
}

export const nothingGiven = (names: readonly string[]): string => `tensors: nothing is given to the graph's input ${names.join(", ")}.`;

const isOfTexts = ({ task }: Manifest): boolean => ["embedding", "rerank", "text-classification", "token-classification"].includes(task);

/** The graph's inputs that a manifest names, and the outputs. */
function tensorsOf(manifest: Manifest): { readonly taken: readonly Named[]; readonly given: readonly Named[] } {
  const named = (tensors: Readonly<Record<string, string | null>>, ...keys: readonly string[]): Named[] =>
    keys.flatMap((key) => inFile(tensors[key], "tensors", key));
  switch (manifest.task) {
    case "embedding":
    case "rerank":
    case "text-classification":
    case "token-classification":
      return { taken: named(manifest.tensors, "ids", "mask", "types"), given: inFile(manifest.output, "output") };
    case "image-classification":
      return { taken: inFile(manifest.image.tensor, "image", "tensor"), given: inFile(manifest.output, "output") };
    case "object-detection":
      return { taken: inFile(manifest.image.tensor, "image", "tensor"), given: (manifest.outputs ?? []).map((name, index) => ({ path: ["outputs", index], name })) };
    case "vad":
      return { taken: named(manifest.tensors, "audio", "rate", "state"), given: named(manifest.tensors, "output", "next") };
    case "speech":
      return { taken: named(manifest.tensors, "ids", "lengths", "speed", "length_scale", "voice"), given: named(manifest.tensors, "output") };
    case "ocr":
    case "wake-word":
    case "transcription":
    case "raw":
      return { taken: [], given: [] };
  }
}
