import type { Inference, InferTask } from "../../../protocol/infer.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Manifest } from "../../../protocol/manifest.ts";
import type { TaskCall } from "../task-model.ts";

/** What a call asks of a model of this task. Throws InfernoError `model_task_mismatch` when it asks for something else. */
export function askedOf<T extends InferTask>(call: TaskCall, task: T): Extract<Inference, { readonly task: T }> {
  const isOurs = (input: Inference): input is Extract<Inference, { readonly task: T }> => input.task === task;
  if (call.kind === "infer" && isOurs(call.input)) return call.input;
  throw wrongTask(call, task);
}

export function wrongTask(call: TaskCall, task: Manifest["task"]): InfernoError {
  const asked = { embed: "embedding", rerank: "rerank" };
  return new InfernoError("model_task_mismatch", `The model is for ${task}, not for ${call.kind === "infer" ? call.input.task : asked[call.kind]}.`, { param: "model" });
}
