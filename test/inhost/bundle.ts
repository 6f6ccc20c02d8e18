import { globSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Builds the suite for an extension host, whose Node may be too old to run TypeScript, and returns the entry's path. The output must lie
 * inside the repository: mocha is found from there.
 */
export async function bundleSuite(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await build({
    entryPoints: ["main.ts", ...globSync("suite/*.test.ts", { cwd: import.meta.dirname })].map((file) => join(import.meta.dirname, file)),
    outdir: folder,
    outbase: import.meta.dirname,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    external: ["vscode", "mocha"],
    sourcemap: "inline",
    logLevel: "warning",
  });
  return join(folder, "main.cjs");
}
