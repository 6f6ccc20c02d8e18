import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askHost } from "./ask-host.ts";
import type { SpawnHost } from "./process.ts";

/** The graph as onnxruntime would run it, in a file that lives until it is removed; `signal` ends the wait. */
export async function askOptimized(spawn: SpawnHost, path: string, signal: AbortSignal): Promise<{ readonly path: string; readonly remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "inferno-graph-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const target = join(folder, "optimized.onnx");
  try {
    await askHost(spawn, { type: "optimize", path, target }, "optimized", path, signal);
    return { path: target, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
