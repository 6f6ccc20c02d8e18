import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../base/package-root.ts";

/**
 * Starts the language server as a process of its own on our stdio. It is found by path, because products do not import each other,
 * and this file imports nothing else of ours, because an editor waits for it.
 */
export async function lsp(here: string): Promise<number> {
  const root = packageRoot(here);
  // Unbundled, the sources run as they are; a bundle finds its neighbour.
  const source = join(root, "server", "main.ts");
  const bundled = join(root, "dist", "server.mjs");
  const server = here.startsWith(join(root, "dist")) || !existsSync(source) ? bundled : source;
  const child = spawn(process.execPath, [server, "--stdio"], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
