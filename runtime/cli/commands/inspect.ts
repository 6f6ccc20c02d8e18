import { openSync, readSync, closeSync } from "node:fs";
import { resolve } from "node:path";
import { packageRoot } from "../../../base/package-root.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { GraphComparison, GraphReport } from "../../../protocol/graph.ts";
import { compareModels } from "../../onnx-file/compare.ts";
import { reportOf } from "../../onnx-file/inspect.ts";
import { readModel } from "../../onnx-file/model.ts";
import { askOptimized } from "../../host/ask-optimized.ts";
import { hostSpawner } from "../../host/process.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import { comparisonLines, graphLines } from "../format/graph-tables.ts";
import { outPaint } from "../terminal.ts";

export interface InspectOptions {
  /** True: onnxruntime writes it now; a text: a file that it has written. */
  readonly optimized?: boolean | string | undefined;
}

/** What is in an ONNX file, read without its weights. */
export async function inspect(context: Context, file: string, options: InspectOptions): Promise<number> {
  const path = resolve(context.terminal.cwd, file);
  refuseGguf(path);
  const model = readModel(path, { data: "ignore" });
  const report = reportOf(model);
  const comparison = options.optimized === undefined || options.optimized === false ? null : await compare(context, path, options.optimized);
  if (context.json) printJson(context, { ...report, ...(comparison !== null && { optimized: comparison }) });
  else printLines(context, lines(report, comparison, context));
  return success;
}

function lines(report: GraphReport, comparison: GraphComparison | null, context: Context): string[] {
  const paint = outPaint(context.terminal);
  return comparison === null ? graphLines(report, paint) : comparisonLines(comparison, paint);
}

async function compare({ terminal }: Context, path: string, optimized: true | string): Promise<GraphComparison> {
  const written = typeof optimized === "string" ? { path: resolve(terminal.cwd, optimized), remove: () => undefined } : await askOptimized(hostSpawner(packageRoot(import.meta.dirname), () => undefined), path, terminal.stopped);
  try {
    // Its external weights are those of the original, which lie elsewhere.
    return compareModels(readModel(path, { data: "ignore" }).message, readModel(written.path, { data: "ignore" }).message);
  } finally {
    written.remove();
  }
}

function refuseGguf(path: string): void {
  const magic = Buffer.alloc(4);
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    // The reader says why.
    return;
  }
  try {
    readSync(descriptor, magic, 0, magic.length, 0);
  } catch {
    return;
  } finally {
    closeSync(descriptor);
  }
  if (magic.toString("latin1") === "GGUF") {
    throw new InfernoError("usage", `${path} is a GGUF file, and \`inferno inspect\` reads the graphs of ONNX files.`, { hint: "`inferno fit FILE` says what a GGUF model takes." });
  }
}
