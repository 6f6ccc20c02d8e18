import type { GenerationParams, ModelInfo } from "../../protocol/model.ts";

/** The model host's view of an engine. All calls are synchronous: the host process has nothing else to do while one runs. */
export interface Backend {
  readonly model: ModelInfo;
  readonly capacity: BackendCapacity;
  /** Text to tokens. `addSpecial` adds BOS/EOS where the vocabulary asks for it; `parseSpecial` reads `<|im_start|>` as one token. */
  tokenize(text: string, options: { addSpecial: boolean; parseSpecial: boolean }): number[];
  /** The raw bytes of one token; a UTF-8 character may span several tokens. Empty for control tokens. */
  tokenBytes(token: number): Uint8Array;
  /** Starts sequence `sequence` with an empty KV cache and its own sampler chain. */
  open(sequence: number, params: GenerationParams): void;
  /** Frees the sequence's KV cells and its sampler. */
  close(sequence: number): void;
  /** Decodes all items in one batch, then samples for those that ask. Throws InfernoError `decode_failed`. */
  step(batch: readonly BatchItem[]): StepReport;
  dispose(): void;
}

export interface BackendCapacity {
  /** Sequences that may run at once (n_seq_max). */
  readonly sequences: number;
  /** Most tokens of one sequence, prompt and answer together. */
  readonly context: number;
  /** Most tokens in one step over all sequences (n_batch). */
  readonly batch: number;
}

/** Tokens of one sequence for the next step: `tokens[i]` goes to position `position + i`. */
export interface BatchItem {
  readonly sequence: number;
  readonly tokens: readonly number[];
  readonly position: number;
  readonly sample: boolean;
}

/** Microseconds on the injected clock. */
export interface Interval {
  readonly startUs: number;
  readonly endUs: number;
}

export interface StepReport {
  /** The decode call, shared by every sequence in the batch. */
  readonly decode: Interval;
  /** One result per item with `sample`, in the order of the items. */
  readonly results: readonly StepResult[];
}

export interface StepResult {
  readonly sequence: number;
  readonly sample: Interval;
  readonly token: SampledToken;
}

export interface SampledToken {
  readonly id: number;
  /** True for end-of-generation tokens (EOS, EOT …), which are never shown. */
  readonly isEnd: boolean;
  /** Natural log of the model's own probability (softmax over the raw logits, before any sampler); only when logprobs were asked for. */
  readonly logprob?: number | undefined;
  /** The most likely tokens, best first, same measure as `logprob`; `topLogprobs` of them. */
  readonly top?: readonly TokenLogprob[] | undefined;
}

export interface TokenLogprob {
  readonly id: number;
  readonly logprob: number;
}

/** Loads a model. Rejects with InfernoError `model_file_missing`, `model_file_invalid`, `model_load_failed` or `engine_unsupported`. */
export type LoadBackend = (options: LoadOptions) => Promise<Backend>;

export interface LoadOptions {
  /** Absolute path of the model file. */
  readonly path: string;
  /** Tokens of context per sequence; when absent the model's trained length, or less. */
  readonly context?: number | undefined;
  readonly parallel: number;
  readonly batch: number;
  /** Inference threads; absent: physical cores less one, at least 1 (spinning threads on busy cores collapse). */
  readonly threads?: number | undefined;
  /** Layers to put on a GPU; 0 keeps all on the CPU. */
  readonly gpuLayers: number;
  /** Called with 0…1 while weights load, and before that, with a phase, while a remote `path` is downloaded. */
  readonly onProgress?: ((fraction: number, phase?: "download") => void) | undefined;
}
