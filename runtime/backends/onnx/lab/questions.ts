import type { ErrorBody } from "../../../../protocol/errors.ts";
import type { Tensors } from "../tensors.ts";

/** What a process of its own is asked about graphs: a graph may hang, crash or take all memory, and that must not end the command that rewrites it. */
export type Question =
  /** Both models on the same inputs: how far apart their outputs are, and how fast each is. Rounds are run in turn. */
  | { readonly kind: "compare"; readonly original: string; readonly rewritten: string; readonly inputs: readonly Tensors[]; readonly rounds: number; readonly threads: number }
  /** What values inside a graph look like; each has to be an output of it. */
  | { readonly kind: "observe"; readonly model: string; readonly inputs: readonly Tensors[]; readonly values: readonly string[]; readonly bins: number; readonly threads: number }
  /** Of this processor and onnxruntime: see saturates.ts. */
  | { readonly kind: "saturates" }
  /** One model with further inputs: how far each variant's outputs are from those of the first. */
  | { readonly kind: "vary"; readonly model: string; readonly inputs: readonly Tensors[]; readonly variants: readonly Tensors[]; readonly outputs: readonly string[]; readonly threads: number };

export interface Answers {
  readonly compare: Comparison;
  readonly observe: readonly Observation[];
  readonly saturates: boolean;
  readonly vary: readonly (readonly Difference[])[];
}
export type Kind = Question["kind"];

export interface Comparison {
  readonly outputs: readonly Difference[];
  /** Medians, of one pass over all inputs. */
  readonly ms: { readonly original: number; readonly rewritten: number };
  /** Rewritten by original: median of the rounds' ratios, as neighbours share the machine's noise. */
  readonly speedup: number;
}

/** An output, over all inputs. */
export interface Difference {
  readonly output: string;
  /** Null: not finite. */
  readonly largest: number | null;
  /** The largest difference, as a share of the largest value; null where all values were 0 and are no longer, or one is not finite. */
  readonly relative: number | null;
  readonly cosine: number;
}

export interface ChannelStatistics {
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly meanSquare: Float32Array;
  /** Mean square of the rows' largest values by the square of the largest of all: how much of the range a row uses. */
  readonly rowShare: number;
}

/** A value inside a graph, over all inputs. */
export interface Observation {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Along the last dimension. */
  readonly channels: ChannelStatistics;
  /** How many values lie in each part of `low` to `high`; empty where none were asked for. */
  readonly histogram: Float64Array;
}

export type FromLab =
  | { readonly type: "progress"; readonly done: number; readonly total: number }
  | { readonly type: "answer"; readonly answer: Answers[Kind] }
  | { readonly type: "failed"; readonly error: ErrorBody };
