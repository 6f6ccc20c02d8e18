import type { KvType } from "../../protocol/config.ts";
import type { SchemaGrammar } from "../output/schema-grammar.ts";
import type { OperationRecord } from "./task-model.ts";
import type { GenerationParams, MemoryParts, ModelInfo, ModelMemory } from "../../protocol/model.ts";
import type { ChosenBy, Guess } from "../../protocol/trace-tokens.ts";

/** The model host's view of an engine. All calls are synchronous: the host process has nothing else to do while one runs. */
export interface Backend {
  readonly model: ModelInfo;
  readonly capacity: BackendCapacity;
  readonly memory: KvMemory;
  /** What loading took, predicted and measured; null for an engine that holds no model. */
  readonly memoryUse: ModelMemory | null;
  /** Text to tokens. `addSpecial` adds BOS/EOS where the vocabulary asks for it; `parseSpecial` reads `<|im_start|>` as one token. */
  tokenize(text: string, options: { addSpecial: boolean; parseSpecial: boolean }): number[];
  /** The raw bytes of one token; a UTF-8 character may span several tokens. Empty for control tokens unless `special`. */
  tokenBytes(token: number, special?: boolean): Uint8Array;
  /** The tokens around a gap to fill; absent where the vocabulary has none. */
  readonly fill?: FillTokens | undefined;
  /** JSON schemas as grammar rules; absent where the engine has no grammars. */
  readonly schemaGrammar?: SchemaGrammar | undefined;
  /** A sampler chain that has already seen `history` (the prompt), which repetition penalties and DRY look at. `records`: its tokens come with their facts. */
  createSampler(params: GenerationParams, history: readonly number[], records?: boolean): Sampler;
  /** Loads one more LoRA file; its index follows that of the last. Throws InfernoError `model_load_failed`. */
  loadAdapter?(path: string): void;
  /** No step names it any more. Its index is not given out again. */
  freeAdapter?(adapter: number): void;
  /**
   * Decodes all items in one batch, then samples for those with a sampler. Throws InfernoError `decode_failed`.
   * `profiled`: records every operation of the decode, which takes longer then; only between the profiler's `begin` and `end`.
   */
  step(batch: readonly BatchItem[], profiled?: boolean): StepReport;
  /** Absent where single operations cannot be recorded. */
  readonly profiler?: OperationProfiler | undefined;
  dispose(): void;
}

/** Tokens of fill-in-the-middle training; `repository` and `file` begin other files' texts, null where the vocabulary lacks them. */
export interface FillTokens {
  readonly prefix: number;
  readonly suffix: number;
  readonly middle: number;
  readonly repository: number | null;
  readonly file: number | null;
}

/** One answer's sampler: its settings, its random numbers and what it has seen. Belongs to no sequence, so it outlives a swap. */
export interface Sampler {
  /** Another that goes on from here by itself: the same settings, random numbers and history; or with `changed` other settings and what they have seen. */
  clone(changed?: { readonly params: GenerationParams; readonly history: readonly number[] }): Sampler;
  /** From now on its tokens come with the stages of their choice, which takes longer. */
  watch(): void;
  /** Whether the vocabulary has this token. */
  has(token: number): boolean;
  /** Whether a grammar, if there is one, allows this token next. Only of a token that the vocabulary has. */
  allows(token: number): boolean;
  /** The next choice is made as ever, but this token is taken, which it allows. Only of one that is watched. */
  force(token: number): void;
  dispose(): void;
}

/** A choice as a debugger sees it. */
export interface Choice {
  readonly stages: readonly SamplerStage[];
  /** Without a grammar null. */
  readonly grammar: { readonly refused: number | null } | null;
}

/** One sampler, and what it left. */
export interface SamplerStage {
  /** `logits` for what the model said, `grammar`, or a sampler's name as in docs/guides/sampling.md. */
  readonly name: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Candidates with a probability above 0. */
  readonly kept: number;
  /** The best of them, best first. `probability`: softmax over all that are left. */
  readonly candidates: readonly { readonly id: number; readonly logit: number; readonly probability: number }[];
  /** Null where it chooses none. */
  readonly chosen: number | null;
}

export interface BackendCapacity {
  /** Sequence ids that may hold cells at once, 0 ≤ id < sequences: running answers and cached prefixes. */
  readonly sequences: number;
  /** Most tokens of one sequence, prompt and answer together. */
  readonly context: number;
  /** Most tokens in one step over all sequences (n_batch), guessed ones included. */
  readonly batch: number;
  /** Answers that may run in one step. */
  readonly parallel: number;
  /** KV cells in all. In the layout `per_sequence` each sequence has `cells / sequences` of its own and can use no other. */
  readonly cells: number;
  readonly layout: "unified" | "per_sequence";
  /** False for recurrent models: their state cannot be cut back to an earlier position, so nothing can be shared or guessed. */
  readonly truncates: boolean;
  /** Different continuations that one item may check at once; 1 where sequences cannot share cells. */
  readonly candidates: number;
  /**
   * What a sequence holds must not depend on what else runs: a step has one item without guesses, and a prompt is cut at multiples of
   * `batch`, where alone a shared beginning may end.
   */
  readonly deterministic?: boolean | undefined;
}

/** The KV cache, by sequence. Cells of a `unified` layout are shared by reference: they are free when their last sequence lets go. */
export interface KvMemory {
  /** Makes the empty sequence `to` begin with the first `length` tokens of `from`. */
  copy(from: number, to: number, length: number): void;
  /** Keeps the first `length` tokens. 0 empties the sequence, which always works; else only where `capacity.truncates`. */
  truncate(sequence: number, length: number): void;
  /** Drops the tokens [`keep`, `keep + discard`) and moves the rest down, positions too. False where the model's positions cannot be moved. */
  shift(sequence: number, keep: number, discard: number): boolean;
  /** The sequence's state as bytes, which `restore` puts into an empty sequence of the same model: the same tokens follow. */
  save(sequence: number): Uint8Array;
  restore(sequence: number, state: Uint8Array): void;
}

/** Tokens of one sequence for the next step: `tokens[i]` goes to position `position + i`. */
export interface BatchItem {
  readonly sequence: number;
  readonly tokens: readonly number[];
  readonly position: number;
  /** Samples after the last of `tokens`; null for a chunk in the middle of a prompt. */
  readonly sampler: Sampler | null;
  /**
   * Guesses of what follows `tokens`, each a different continuation; needs a sampler. The engine keeps what the sampler would have chosen
   * anyway and forgets the rest, so that the answer does not depend on them.
   */
  readonly drafts?: readonly (readonly number[])[] | undefined;
  /** Adapters and their scales; all items of a step have the same ones. */
  readonly adapters?: readonly AdapterScale[] | undefined;
}

export interface AdapterScale {
  /** Index in `LoadOptions.adapters`. */
  readonly adapter: number;
  readonly scale: number;
}

/** Microseconds on the injected clock. */
export interface Interval {
  readonly startUs: number;
  readonly endUs: number;
}

/** Has the engine ready to record operations. While it is not, that costs nothing. */
export interface OperationProfiler {
  /** Between two steps; no answer changes by it. Throws InfernoError `decode_failed`. */
  begin(): ProfilerFacts;
  end(): void;
  /** Between `begin` and `end`. */
  readonly isReady: boolean;
}

export interface ProfilerFacts {
  /** Bytes of the KV cache that were moved to get ready. */
  readonly movedBytes: number;
  /** What this machine can do at most, measured; null where it could not be. */
  readonly limits: MachineLimits | null;
}

/** Gigabytes (10⁹) and billions of floating-point operations a second, with so many threads of the device. */
export interface MachineLimits {
  readonly gbPerS: number;
  readonly gflopPerS: number;
  readonly threads: number;
  readonly device: string;
  /** Other programs kept the processors busy meanwhile: the machine can do more. */
  readonly disturbed?: boolean | undefined;
}

/** The operations of one decode, in their order and without overlap. */
export interface StepProfile {
  readonly operations: readonly EngineOperation[];
  readonly threads: number;
  /** Of each operation's time about so much is the instrument's: what operations take that do nothing. Null where there was none to see. */
  readonly emptyUs: number | null;
  /** Time between the operations, which is the instrument's too. */
  readonly betweenUs: number;
}

export interface EngineOperation extends OperationRecord {
  /** Of the result. */
  readonly type: string;
  /** Read and written, each operand once. */
  readonly bytes: number;
  /** Absent where there is no formula for it. */
  readonly flops?: number | undefined;
  /** Number of the model's block that it belongs to, where its names say so. */
  readonly layer?: number | undefined;
  /** The weights that it reads. */
  readonly weight?: string | undefined;
}

export interface StepReport {
  /** The decode call, shared by every sequence in the batch. */
  readonly decode: Interval;
  /** With how many threads, and how many cores others kept busy meanwhile, where that is known. */
  readonly computing?: { readonly threads: number; readonly othersBusy: number | null } | undefined;
  /** Only of a profiled step. */
  readonly profile?: StepProfile | undefined;
  /** One result per item with a sampler, in the order of the items. */
  readonly results: readonly StepResult[];
}

export interface StepResult {
  readonly sequence: number;
  readonly sample: Interval;
  /**
   * At least one. All but the last are guesses that were right: they are in the KV cache already, behind the item's tokens.
   * The last is not: it is the next step's token. None follow an end token.
   */
  readonly tokens: readonly SampledToken[];
  /** Tokens that were guessed (the longest candidate counts), for the acceptance rate: `tokens.length - 1` of them were right. */
  readonly drafted: number;
}

export interface SampledToken {
  readonly id: number;
  /** True for end-of-generation tokens (EOS, EOT …), which are never shown. */
  readonly isEnd: boolean;
  /** Natural log of the token's probability, before any sampler or after all (`GenerationParams.logprobs`); only when logprobs were asked for. */
  readonly logprob?: number | undefined;
  /** The most likely tokens, best first, same measure as `logprob`; `topLogprobs` of them. */
  readonly top?: readonly TokenLogprob[] | undefined;
  /** Only from a sampler that records. */
  readonly facts?: TokenFacts | undefined;
  /** Only from a sampler that is watched. */
  readonly choice?: Choice | undefined;
  /** Absent: nothing was guessed in its place. */
  readonly guess?: Exclude<Guess, "none"> | undefined;
}

/** What the model's own logits, before any sampler, say of a choice. */
export interface TokenFacts {
  readonly logprob: number;
  /** Of the whole distribution, in nats; NaN where the logits are no distribution. */
  readonly entropy: number;
  /** The most likely tokens, best first. */
  readonly top: readonly TokenLogprob[];
  readonly chosenBy: ChosenBy;
}

export interface TokenLogprob {
  readonly id: number;
  readonly logprob: number;
}

/** Loads a model. Rejects with InfernoError `model_file_missing`, `model_file_invalid`, `model_load_failed`, `model_does_not_fit` or `engine_unsupported`. */
export type LoadBackend = (options: LoadOptions) => Promise<Backend>;

export interface LoadOptions {
  /** Absolute path of the model file. */
  readonly path: string;
  /** Tokens of context per sequence; when absent the model's trained length, or less. */
  readonly context?: number | undefined;
  readonly parallel: number;
  /** KV cells in all; absent: `context × parallel`. */
  readonly kvCells?: number | undefined;
  readonly kvLayout: "auto" | "unified" | "per_sequence";
  readonly kvType: KvType;
  readonly flashAttention: "auto" | "on" | "off";
  /** See `BackendCapacity.deterministic`. */
  readonly deterministic?: boolean | undefined;
  readonly batch: number;
  /** Inference threads; absent: chosen by the engine (spinning threads on busy cores collapse). */
  readonly threads?: number | undefined;
  readonly gpu: "auto" | "cuda" | "vulkan" | "metal" | "cpu";
  /** Layers to put on a GPU; 0 keeps all on the CPU. */
  readonly gpuLayers: number | "auto";
  /** Most tokens guessed for one sequence in one step; 0 where nothing is guessed. Room for their logits is reserved. */
  readonly draftTokens: number;
  readonly candidates: number;
  /** The file of a small model that guesses for this one: it is loaded behind it, and the memory must do for both. */
  readonly draft?: string | undefined;
  /** LoRA files, absolute paths. */
  readonly adapters: readonly { readonly path: string; readonly scale: number }[];
  /** Refuse what is predicted not to fit into free memory. */
  readonly checkMemory: boolean;
  /** Called with 0…1 while weights load, and before that, with a phase, while a remote `path` is downloaded. */
  readonly onProgress?: ((fraction: number, phase?: "download") => void) | undefined;
}

/** Whether a model would fit into the memory that is free now, found out without loading its weights. */
export type MemoryForecast = GenerationForecast | EmbedderForecast | GraphForecast;

export interface MemoryNeeds {
  readonly fits: boolean;
  /** Bytes needed of each device's memory, and what is free there; null where nobody knows. */
  readonly devices: readonly (MemoryParts & { readonly name: string; readonly free: number | null })[];
  /** The same by file: the model, its draft model or its further graphs. */
  readonly models: readonly (MemoryParts & { readonly name: string })[];
}

export interface GenerationForecast extends MemoryNeeds {
  readonly kind: "generation";
  /** The settings that were tried. */
  readonly context: number;
  readonly parallel: number;
  readonly kvType: KvType;
  readonly kvCells: number;
  /** What would fit when only this were changed; null when nothing would, or all fits as it is. */
  readonly largestContext: number | null;
  /** Where the number of cells was configured, and not left to context and requests. */
  readonly largestKvCells: number | null;
  readonly smallerParallel: number | null;
  readonly smallerKvType: KvType | null;
}

export interface EmbedderForecast extends MemoryNeeds {
  readonly kind: "embedding";
  /** Most tokens of one text. */
  readonly context: number;
  /** Tokens in one batch: the buffers are for as many. At least a whole text. */
  readonly batch: number;
  /** What would fit, with a `batch` of no more; null when nothing would, or all fits as it is. */
  readonly largestContext: number | null;
}

export interface GraphForecast extends MemoryNeeds {
  readonly kind: "graphs";
}
