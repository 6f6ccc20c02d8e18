import type { z } from "zod";
import type { GraphReport, GraphValue } from "../../../protocol/graph.ts";
import type { Manifest } from "../../../protocol/manifest.ts";

/** A model's folder, as far as it says what the model is for. Files are named relative to the folder. */
export interface FolderFacts {
  /** The model in question first, then others of the folder, of which it may be a part. */
  readonly models: readonly ModelFacts[];
  readonly tokenizer: string | null;
  /** Of Hugging Face's `config.json`. */
  readonly architectures: readonly string[];
  readonly labels: LabelFile | null;
  readonly maxTokens: number | null;
  readonly pooling: "mean" | "cls" | "last" | null;
  /** Of `preprocessor_config.json`. */
  readonly image: ImageFacts | null;
  /** Text files with one short entry a line, as lists of characters and labels are. */
  readonly lists: readonly { readonly file: string; readonly lines: number }[];
  /** JSON files that map texts to numbers. */
  readonly vocabularies: readonly string[];
}

export interface ModelFacts extends Pick<GraphReport, "inputs" | "outputs"> {
  readonly file: string;
}

export interface LabelFile {
  readonly file: string;
  readonly count: number;
}

export interface ImageFacts {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly scale?: number | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly std?: readonly number[] | undefined;
  readonly resize?: "stretch" | "cover" | undefined;
}

/** What a model may be for, and why one thinks so. */
export interface Recipe {
  readonly task: Manifest["task"];
  /** 0 to 100: how well the graph and what lies beside it fit. */
  readonly score: number;
  readonly reasons: readonly string[];
  /** What the graph does not say and a person should look at. */
  readonly assumed: readonly string[];
  /** Files that have to be found first; the manifest names them as if they were there. */
  readonly missing: readonly string[];
  readonly manifest: ManifestInput;
}

export type ManifestInput = z.input<typeof Manifest>;
export type InputOf<T extends Manifest["task"]> = Extract<ManifestInput, { task: T }>;

export const rank = ({ shape }: GraphValue): number | null => shape?.length ?? null;
export const isFloat = ({ type }: GraphValue): boolean => type === "float32" || type === "float16";
/** What is fed to graphs: samples and mels in single precision, ids and lengths as int64. Outputs may be in half precision too. */
export const takesFloats = ({ type }: GraphValue): boolean => type === "float32";
export const takesIds = ({ type }: GraphValue): boolean => type === "int64";

/** A fixed size, counted from the end where negative; null where it is free or not known. */
export function size({ shape }: GraphValue, index: number): number | null {
  const value = shape?.at(index);
  return typeof value === "number" ? value : null;
}

export const named = (values: readonly GraphValue[], ...names: readonly string[]): GraphValue | undefined =>
  names.map((name) => values.find((value) => value.name === name)).find((value) => value !== undefined);

/** As reasons say it: `[batch, 3, 48, width]`. */
export const shapeText = ({ shape }: GraphValue): string => (shape === null ? "of any shape" : `[${shape.map((part) => part ?? "?").join(", ")}]`);
