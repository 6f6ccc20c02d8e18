import { closeSync, openSync, readSync, statSync, type Stats } from "node:fs";

import { InfernoError } from "../../../protocol/errors.ts";
import { findHeaderProblem } from "./model-header.ts";
import type { Library } from "./native/library.ts";

/** Magic, version, number of tensors, number of key-value pairs. */
const fixedHeaderBytes = 24;

/**
 * Refuses what is not a whole GGUF before its weights are mapped: reading a mapped page past the end of a truncated file kills the
 * process with SIGBUS, which no error handling can catch. The header is read by ggml itself, so that both agree on its meaning.
 */
export function checkModelFile({ binding, log }: Library, path: string): void {
  const size = fileSize(path);
  checkMagic(path, size);
  log.clear();
  const header = binding.gguf_init_from_file(path, { no_alloc: true, ctx: null });
  if (header === null) throw invalid(path, `its header cannot be read (${log.summary() || "no reason given"})`);
  try {
    const problem = findHeaderProblem(binding, header, size);
    if (problem !== undefined) throw invalid(path, problem);
  } finally {
    binding.gguf_free(header);
  }
}

function fileSize(path: string): number {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    // Links in a circle, a folder without rights, a name that no file system takes.
    throw new InfernoError("model_file_missing", `The model file ${path} cannot be reached: ${String(cause)}.`, { cause });
  }
  if (stats === undefined) throw new InfernoError("model_file_missing", `The model file ${path} does not exist.`);
  if (stats.isDirectory()) throw new InfernoError("model_file_missing", `${path} is a directory, not a model file.`);
  // Opening a pipe waits until somebody writes into it: a load without end.
  if (!stats.isFile()) throw invalid(path, "it is a pipe or a device");
  return stats.size;
}

function checkMagic(path: string, size: number): void {
  const bytes = Buffer.alloc(fixedHeaderBytes);
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (cause) {
    throw new InfernoError("model_file_missing", `The model file ${path} cannot be opened: ${String(cause)}.`, { cause });
  }
  try {
    readSync(descriptor, bytes, 0, fixedHeaderBytes, 0);
  } finally {
    closeSync(descriptor);
  }
  if (size === 0) throw invalid(path, "it is empty");
  if (bytes.toString("latin1", 0, 4) !== "GGUF") throw invalid(path, `it starts with ${describeMagic(bytes)}, not with "GGUF"`);
  if (size < fixedHeaderBytes) throw invalid(path, `it is truncated: ${size} bytes are less than a GGUF header`);
}

function describeMagic(bytes: Buffer): string {
  const text = bytes.toString("latin1", 0, 4);
  return /^[\x20-\x7e]{4}$/.test(text) ? `"${text}"` : `the bytes ${bytes.toString("hex", 0, 4)}`;
}

function invalid(path: string, reason: string): InfernoError {
  return new InfernoError("model_file_invalid", `${path} is not a valid GGUF file: ${reason}.`);
}
