import type { Clock } from "../../../base/clock.ts";
import type { OnnxOptions } from "../../../protocol/config.ts";
import type { Prepared, TaskCall, TaskItem, TaskLimits } from "../task-model.ts";
import type { Session } from "./session.ts";

/**
 * What a task does around its graphs. One object for each loaded model; nothing is kept between requests.
 * A pipeline's file exports `load<Task>(parts, manifest): Promise<Pipeline>` and has its line in `index.ts`.
 */
export interface Pipeline {
  readonly limits: TaskLimits;
  /** Longest input in tokens and the tokenizer's size, for `ModelInfo`; absent where there are no tokens. */
  readonly tokens?: { readonly longest: number; readonly vocabulary: number } | undefined;
  /** Checks and pre-processes what was asked; as `TaskModel.prepare`. */
  prepare(call: TaskCall): Promise<Prepared>;
  /**
   * One batch through the sessions: a result for each item, in their order. How long it took and each operation is measured outside.
   * `signal`: nobody wants the results any more; a run that loops may look at it between two turns.
   */
  run(items: readonly TaskItem[], signal?: AbortSignal): Promise<readonly unknown[]>;
}

/** What pipelines are made of; a test gives its own. */
export interface PipelineParts {
  readonly clock: Clock;
  readonly onnx: OnnxOptions;
  /** Absolute path of a file that the manifest names, which is there and can be read. Throws `manifest_invalid`. */
  readonly file: (name: string) => string;
  /** Opens an ONNX file that the manifest names. It is closed with the model. */
  open(name: string): Promise<Session>;
}

export type LoadPipeline<Manifest> = (parts: PipelineParts, manifest: Manifest) => Promise<Pipeline>;
