import type { Prepared, TaskCall, TaskItem, TaskLimits } from "../../task-model.ts";
import type { Pipeline, PipelineParts } from "../pipeline.ts";
import type { TextModel } from "./text-model.ts";

/** What the pipelines for texts have in common. */
export abstract class TextPipeline implements Pipeline {
  readonly limits: TaskLimits;
  readonly tokens: TextModel["tokens"];
  protected readonly model: TextModel;

  constructor(model: TextModel, onnx: PipelineParts["onnx"]) {
    this.model = model;
    this.limits = model.graph.limits(onnx);
    this.tokens = model.tokens;
  }

  abstract prepare(call: TaskCall): Promise<Prepared>;
  abstract run(items: readonly TaskItem[]): Promise<readonly unknown[]>;
}
