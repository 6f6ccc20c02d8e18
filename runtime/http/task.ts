import { InfernoError } from "../../protocol/errors.ts";
import { taskTable, type ModelTask } from "../../protocol/model.ts";
import type { ModelRuntime } from "../routing/model-runtime.ts";

/** Where to ask a model of each task. */
const routes: Readonly<Record<ModelTask, string>> = {
  chat: "/v1/chat/completions or /v1/completions",
  completion: "/v1/completions",
  embedding: "/v1/embeddings",
  rerank: "/v1/rerank",
  "text-classification": "/api/v1/text/classify",
  "token-classification": "/api/v1/text/entities",
  "image-classification": "/api/v1/vision/classify",
  "object-detection": "/api/v1/vision/detect",
  ocr: "/api/v1/vision/ocr",
  vad: "/api/v1/audio/vad",
  "wake-word": "/api/v1/audio/wake",
  transcription: "/v1/audio/transcriptions",
  speech: "/v1/audio/speech",
  raw: "/api/v1/infer",
};

/** Throws `model_task_mismatch` unless the model is for one of these tasks. */
export function requireTask({ definition: { name, task } }: ModelRuntime, wanted: readonly [ModelTask, ...ModelTask[]]): void {
  if (wanted.includes(task)) return;
  throw new InfernoError("model_task_mismatch", `"${name}" has the task "${task}": it ${taskTable[task]}.`, {
    param: "model", hint: `Use ${routes[task]}, or set \`task: ${wanted[0]}\` in inferno.yaml.`,
  });
}
