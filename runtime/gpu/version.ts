import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { InfernoError } from "../../protocol/errors.ts";
import { packageVersion } from "../daemon/version.ts";

/** The exact version of node-llama-cpp that is installed: its GPU packages must have the same one. */
export function installedLlamaVersion(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const installed = join(folder, "node_modules", "node-llama-cpp");
    if (existsSync(join(installed, "package.json"))) return packageVersion(installed);
    if (folder === dirname(folder)) throw new InfernoError("engine_unsupported", `node-llama-cpp is not installed at or above ${from}.`);
  }
}
