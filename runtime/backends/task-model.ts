import type { ModelInfo, ModelMemory } from "../../protocol/model.ts";
import type { HostCalls } from "../host/messages.ts";
import type { Interval } from "./backend.ts";
import type { OnnxOptions } from "../../protocol/config.ts";

/** A model whose requests are single runs: pre-processing, one pass through the graph (or a loop of passes), post-processing. Nothing is kept between requests. */
export interface TaskModel {
  readonly model: ModelInfo;
  readonly memoryUse: ModelMemory | null;
  readonly limits: TaskLimits;
  /** Checks and pre-processes what was asked. Rejects with InfernoError `invalid_request`, `media_invalid` or `model_task_mismatch`; nobody else's request is touched. */
  prepare(call: TaskCall): Promise<Prepared>;
  /**
   * One batch, of items of any requests, padded to the longest. Rejects with InfernoError `inference_failed` for all of them.
   * `signal` fires when nobody wants the results any more: a run that loops may end then, in whichever way.
   * `profile`: record each operation; the run is done twice then, the first time to warm up.
   */
  run(items: readonly TaskItem[], signal?: AbortSignal, profile?: boolean): Promise<TaskReport>;
  dispose(): Promise<void>;
}

/** `embed` and `rerank` are asked of GGUF models too; `infer` is everything else. */
export type TaskKind = "embed" | "rerank" | "infer";
export type TaskCall = { readonly [K in TaskKind]: { readonly kind: K } & HostCalls[K]["asked"] }[TaskKind];

export interface TaskLimits {
  /** Most items in one batch; 1 where the graph takes no batches. */
  readonly items: number;
  /** Most of `items × longest length` in one batch. */
  readonly padded: number;
  /** Of that, the most that may be padding. Default: what pays on a CPU, next to none; a GPU, where a run has its price and tokens hardly any, takes more. */
  readonly padding?: number | undefined;
}

/** What of a request goes through the graph by itself: a text, an image, a window of sound. The engine knows more of it than this. */
export interface TaskItem {
  /** Tokens, frames or the like; items of similar length share a batch, because the shorter ones are padded. 1 where all are alike. */
  readonly length: number;
}

export interface Prepared {
  readonly items: readonly TaskItem[];
  /** The answer, from the results of its items in their order. */
  finish(results: readonly unknown[]): Promise<HostCalls[TaskKind]["answered"]>;
}

export interface TaskReport {
  readonly compute: Interval;
  /** In the order of the items. */
  readonly results: readonly unknown[];
  /** The runtime's own profile of this run, when it was asked for; inside `compute`. */
  readonly operations?: readonly OperationRecord[] | undefined;
  /** Of a profile that was too long, how many of its operations are not in it. */
  readonly operationsLeftOut?: number | undefined;
}

/** One graph node's run, on the machine's monotonic clock, in microseconds. */
export interface OperationRecord {
  /** The node's name, such as `/encoder/layer.0/attention/MatMul`. */
  readonly name: string;
  /** The operator, such as `MatMul`. */
  readonly operator: string;
  /** The execution provider that ran it. */
  readonly provider: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly shapes?: string | undefined;
}

export interface TaskLoadOptions {
  /** An absolute path: an ONNX file, a manifest (`*.model.yaml`), or a folder that holds `inferno.model.yaml`. */
  readonly path: string;
  /** As configured; absent: chosen by the engine. */
  readonly threads?: number | undefined;
  readonly onnx: OnnxOptions;
  /** Refuse what is predicted not to fit into free memory. */
  readonly checkMemory: boolean;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Rejects with InfernoError `model_file_missing`, `model_file_invalid`, `manifest_invalid`, `model_load_failed`, `model_does_not_fit` or `engine_unsupported`. */
export type LoadTask = (options: TaskLoadOptions) => Promise<TaskModel>;
