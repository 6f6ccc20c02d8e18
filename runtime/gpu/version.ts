import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { InfernoError } from "../../protocol/errors.ts";

const Manifest = z.object({ version: z.string() });

/** The exact version of node-llama-cpp that is installed: its GPU packages must have the same one. */
export function installedLlamaVersion(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "node_modules", "node-llama-cpp", "package.json");
    if (existsSync(file)) return readVersion(file);
    if (folder === dirname(folder)) throw new InfernoError("engine_unsupported", `node-llama-cpp is not installed at or above ${from}.`);
  }
}

export function readVersion(manifest: string): string {
  return Manifest.parse(JSON.parse(readFileSync(manifest, "utf8"))).version;
}
