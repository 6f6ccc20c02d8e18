import type { ModelTask } from "../../protocol/model.ts";
import type { ModelDefinition } from "../config/registry.ts";
import type { HostOptions, TaskEngine, TextEngine, ToHost } from "./messages.ts";

/** A model's configuration as its host is told: what the engine needs, and what the host's loop needs. */
export function loadMessage(definition: ModelDefinition, home: string): Extract<ToHost, { type: "load" | "loadTask" }> {
  if (definition.engine === "onnx") return loadTask(definition, definition.engine, home);
  return definition.engine === "fake" && !textTasks.includes(definition.task) ? loadTask(definition, definition.engine, home) : loadText(definition, definition.engine, home);
}

/** What the fake engine does as llama.cpp would; the other tasks are ONNX models' alone. */
const textTasks: readonly ModelTask[] = ["chat", "completion", "embedding", "rerank"];

function loadTask({ source, config: { parallel, threads, onnx, check_memory: checkMemory } }: ModelDefinition, engine: TaskEngine, home: string): Extract<ToHost, { type: "loadTask" }> {
  return { type: "loadTask", engine, home, parallel, options: { path: source, threads, onnx, checkMemory } };
}

function loadText({ task, source, config }: ModelDefinition, engine: TextEngine, home: string): Extract<ToHost, { type: "load" }> {
  const { context, parallel, batch, threads, gpu, speculation, lora, prefix_cache: prefixCache } = config;
  const guesses = speculation.mode === "off" ? { draftTokens: 0, candidates: 1 } : { draftTokens: speculation.max_tokens, candidates: speculation.candidates };
  const embeds = task === "embedding" || task === "rerank";
  const host: HostOptions = {
    ...(embeds && { embedding: { pooling: config.pooling, rank: task === "rerank" } }),
    prefixCache: { enabled: prefixCache.enabled, diskBytes: prefixCache.disk_mb * 1_000_000 },
    speculation: { mode: speculation.mode, draft: speculation.draft ?? null, maxTokens: speculation.max_tokens, candidates: speculation.candidates },
    adapters: lora.map(({ name, source, scale }) => ({ name, path: source, scale })),
  };
  return {
    type: "load", engine, home, host,
    options: {
      path: source, context, parallel, batch, threads, gpu, ...guesses,
      kvCells: config.kv_cells, kvLayout: config.kv_layout, kvType: config.kv_type, flashAttention: config.flash_attention,
      deterministic: config.deterministic,
      gpuLayers: config.gpu_layers, checkMemory: config.check_memory, ...(speculation.mode === "draft" && !embeds && { draft: speculation.draft }),
      adapters: lora.map(({ source: path, scale }) => ({ path, scale })),
    },
  };
}
