import type { Clock } from "../../../base/clock.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { ModelInfo, ModelMemory } from "../../../protocol/model.ts";
import type { Prepared, TaskCall, TaskItem, TaskLimits, TaskModel, TaskReport } from "../task-model.ts";
import type { Graphs } from "./graphs.ts";
import type { Pipeline } from "./pipeline.ts";

export interface OnnxModelParts {
  readonly pipeline: Pipeline;
  readonly graphs: Graphs;
  readonly clock: Clock;
  readonly model: ModelInfo;
  readonly memoryUse: ModelMemory | null;
  /** Every run is profiled. */
}

/** A pipeline over its graphs, as the host knows it. */
export class OnnxModel implements TaskModel {
  readonly model: ModelInfo;
  readonly memoryUse: ModelMemory | null;
  readonly limits: TaskLimits;
  readonly #parts: OnnxModelParts;

  constructor(parts: OnnxModelParts) {
    this.#parts = parts;
    this.model = parts.model;
    this.memoryUse = parts.memoryUse;
    this.limits = parts.pipeline.limits;
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    return await this.#parts.pipeline.prepare(call);
  }

  async run(items: readonly TaskItem[], signal?: AbortSignal, profile = false): Promise<TaskReport> {
    const { graphs } = this.#parts;
    try {
      if (!profile) return await this.#measured(items, signal);
      const { result, ...operations } = await graphs.profiled(async () => await this.#measured(items, signal));
      return { ...result, ...operations };
    } catch (error) {
      if (error instanceof InfernoError) throw error;
      throw new InfernoError("inference_failed", error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  async #measured(items: readonly TaskItem[], signal: AbortSignal | undefined): Promise<TaskReport> {
    const { pipeline, clock } = this.#parts;
    const startUs = clock.nowUs();
    const results = await pipeline.run(items, signal);
    return { compute: { startUs, endUs: clock.nowUs() }, results };
  }

  async dispose(): Promise<void> {
    await this.#parts.graphs.dispose();
  }
}
