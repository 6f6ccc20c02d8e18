import type { ModelInfo, ModelMemory } from "../../protocol/model.ts";
import type { Interval, LoadOptions } from "./backend.ts";

/** A model that makes one vector of a text, or with a classifier one score of a query and a document. All calls are synchronous. */
export interface Embedder {
  readonly model: ModelInfo;
  readonly limits: EmbedderLimits;
  readonly memoryUse: ModelMemory | null;
  /** See `Backend`. */
  tokenize(text: string, options: { addSpecial: boolean; parseSpecial: boolean }): number[];
  tokenBytes(token: number, special?: boolean): Uint8Array;
  /** A query and a document as one input, as rerankers are trained. */
  pair(query: string, document: string): number[];
  /** Several inputs in one batch, within `limits`; none is empty. Throws InfernoError `decode_failed`. */
  embed(inputs: readonly (readonly number[])[]): EmbedReport;
  dispose(): void;
}

export interface EmbedderLimits {
  /** Most tokens of one input. */
  readonly context: number;
  /** Most tokens, and most inputs, in one batch. A text is never split: every token sees all others. */
  readonly tokens: number;
  readonly inputs: number;
}

export interface EmbedReport {
  readonly compute: Interval;
  /** In the order of the inputs: a vector of length 1, or for a reranker the one score. */
  readonly vectors: readonly Float32Array[];
}

/** `auto`: what the file says. */
export type Pooling = "auto" | "mean" | "cls" | "last";

export interface EmbedderOptions extends LoadOptions {
  readonly pooling: Pooling;
  /** Scores instead of vectors: needs a model with a classifier. */
  readonly rank: boolean;
}

/** Loads a model that embeds or reranks. Rejects as `LoadBackend` does. */
export type LoadEmbedder = (options: EmbedderOptions) => Promise<Embedder>;
