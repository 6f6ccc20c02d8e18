import { resolve } from "node:path";
import { packageRoot } from "../../../base/package-root.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { askInspection, type Inspection } from "../../host/ask-inspection.ts";
import { hostSpawner } from "../../host/process.ts";
import { compareModels } from "../../onnx-file/compare.ts";
import { reportOf } from "../../onnx-file/inspect.ts";
import { readModel } from "../../onnx-file/model.ts";
import { ByteFile } from "../../onnx-file/wire.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import { comparisonLines, graphLines } from "../format/graph-tables.ts";
import { outPaint } from "../terminal.ts";

export interface InspectOptions {
  /** Compare it with what onnxruntime makes of it. */
  readonly optimized?: boolean | undefined;
  /** Compare it with this file. */
  readonly against?: string | undefined;
}

/** What is in an ONNX file, read without its weights. */
export async function inspect(context: Context, file: string, options: InspectOptions): Promise<number> {
  const path = resolve(context.terminal.cwd, file);
  refuseGguf(path);
  const { report, comparison } = await look(context, path, options);
  const paint = outPaint(context.terminal);
  if (context.json) printJson(context, { ...report, ...(comparison !== null && { optimized: comparison }) });
  else printLines(context, comparison === null ? graphLines(report, paint) : comparisonLines(comparison, paint));
  return success;
}

async function look({ terminal }: Context, path: string, { optimized = false, against }: InspectOptions): Promise<Inspection> {
  if (optimized) return await askInspection(hostSpawner(packageRoot(import.meta.dirname), () => undefined), path, true, terminal.stopped);
  const model = readModel(path, { data: "ignore" });
  if (against === undefined) return { report: reportOf(model), comparison: null };
  const after = readModel(resolve(terminal.cwd, against), { data: "ignore" });
  return { report: reportOf(model), comparison: compareModels(model.message, after.message) };
}

const magic = "GGUF";

function refuseGguf(path: string): void {
  const file = new ByteFile(path);
  try {
    if (file.size < magic.length || Buffer.from(file.bytes(0, magic.length)).toString("latin1") !== magic) return;
    throw new InfernoError("usage", `${path} is a GGUF file, and \`inferno inspect\` reads the graphs of ONNX files.`, { hint: "`inferno fit FILE` says what a GGUF model takes." });
  } finally {
    file.close();
  }
}
