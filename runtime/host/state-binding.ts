import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { ModelInfo } from "../../protocol/model.ts";
import type { LoadOptions } from "../backends/backend.ts";

const samples = 64;
const sampleBytes = 4096;

/**
 * What a state belongs to, as one word: the model file and its adapters, the engine's release, and the format of the cache; for a
 * deterministic model also where its prompts were cut, because other cuts round differently.
 * A file is known by its size and by samples all over it: hashing the whole of a large one would take longer than loading it.
 */
export function stateBinding(model: ModelInfo, options: Pick<LoadOptions, "path" | "kvType" | "flashAttention" | "adapters" | "deterministic" | "batch">): string {
  const { engine, library, architecture, name, parameters, sizeBytes } = model;
  const { path, kvType, flashAttention, adapters, deterministic = false, batch } = options;
  const hash = createHash("sha256");
  hash.update(JSON.stringify([engine, library, architecture, name, parameters, sizeBytes, kvType, flashAttention, deterministic && batch]));
  for (const each of [path, ...adapters.map((adapter) => adapter.path)]) addFile(hash, each);
  return hash.digest("hex").slice(0, 40);
}

/** A folder's name for a model as it is configured: a file that is replaced finds the old one's states there, and removes them. */
export function folderName({ path, kvType, flashAttention, adapters }: Pick<LoadOptions, "path" | "kvType" | "flashAttention" | "adapters">): string {
  return createHash("sha256").update(JSON.stringify([path, kvType, flashAttention, adapters.map((adapter) => adapter.path)])).digest("hex").slice(0, 24);
}

/** A file's content as one word, whatever it is called. */
export function fileBinding(path: string): string {
  const hash = createHash("sha256");
  addFile(hash, path);
  return hash.digest("hex").slice(0, 16);
}

function addFile(hash: Hash, path: string): void {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    // A remote source: its name and what the loaded model says of itself must do.
    hash.update(path);
    return;
  }
  try {
    const { size } = statSync(path);
    hash.update(`\0${size}\0`);
    const bytes = Buffer.alloc(sampleBytes);
    for (let index = 0; index < samples; index += 1) {
      const count = readSync(file, bytes, 0, sampleBytes, Math.floor((Math.max(0, size - sampleBytes) * index) / (samples - 1)));
      hash.update(bytes.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}
