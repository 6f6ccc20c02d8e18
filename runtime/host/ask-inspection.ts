import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphComparison, GraphReport } from "../../protocol/graph.ts";
import { askHost } from "./ask-host.ts";
import type { SpawnHost } from "./process.ts";

export interface Inspection {
  readonly report: GraphReport;
  /** Null unless it was asked for. */
  readonly comparison: GraphComparison | null;
}

/** Looks into an ONNX file in a process of its own, `optimized` also at what onnxruntime makes of it; `signal` ends the wait. */
export async function askInspection(spawn: SpawnHost, path: string, optimized: boolean, signal: AbortSignal): Promise<Inspection> {
  const folder = optimized ? mkdtempSync(join(tmpdir(), "inferno-graph-")) : null;
  try {
    const target = folder === null ? null : join(folder, "optimized.onnx");
    const { report, comparison } = await askHost(spawn, { type: "inspect", path, target }, "inspected", path, signal);
    return { report, comparison };
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }
}
