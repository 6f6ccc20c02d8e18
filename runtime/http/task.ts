import { InfernoError } from "../../protocol/errors.ts";
import type { ModelTask } from "../../protocol/model.ts";
import type { ModelRuntime } from "../routing/model-runtime.ts";

/** What a model of each task does, and where. */
const tasks: Readonly<Record<ModelTask, { readonly does: string; readonly route: string }>> = {
  chat: { does: "answers conversations and continues text", route: "/v1/chat/completions or /v1/completions" },
  completion: { does: "continues text and does not chat", route: "/v1/completions" },
  embedding: { does: "makes vectors of texts", route: "/v1/embeddings" },
  rerank: { does: "scores documents against a query", route: "/v1/rerank" },
};

/** Throws `model_task_mismatch` unless the model is configured for one of these tasks. */
export function requireTask({ definition: { name, config: { task } } }: ModelRuntime, wanted: readonly [ModelTask, ...ModelTask[]]): void {
  if (wanted.includes(task)) return;
  const { does, route } = tasks[task];
  throw new InfernoError("model_task_mismatch", `"${name}" has the task "${task}": it ${does}.`, {
    param: "model", hint: `Use ${route}, or set \`task: ${wanted[0]}\` in inferno.yaml.`,
  });
}
