import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ModelProto } from "onnx-buf";
import { answer } from "../../../runtime/backends/onnx/lab/answer.ts";
import type { askLab } from "../../../runtime/backends/onnx/lab/ask.ts";
import type { Answers, Question } from "../../../runtime/backends/onnx/lab/questions.ts";
import { modelBytes } from "../../../runtime/onnx-file/build.ts";
import { allGraphs } from "../../../runtime/onnx-file/graphs.ts";
import { readModel } from "../../../runtime/onnx-file/model.ts";
import { quantizeFile, type Lab, type QuantizeReport, type QuantizeRequest } from "../../../runtime/quantize/quantize.ts";

/** What the lab answers, without a process of its own for each question: these graphs neither hang nor crash. */
const answerHere: typeof askLab = async <Q extends Question>(question: Q) => await answer(question, () => undefined) as Answers[Q["kind"]];
export const labHere: Lab = { ask: answerHere, signal: new AbortController().signal, onProgress: () => undefined };

export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "inferno-quantize-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function request(path: string, more: Partial<QuantizeRequest>): QuantizeRequest {
  return {
    source: path, target: path.replace(".onnx", ".new.onnx"), force: false, form: null, block: 32, asymmetric: false, reduceRange: false, balance: true, wholeGraph: false, keep: [], only: [],
    method: "min-max", calibration: null, samples: { sizes: { batch: 4 }, length: 8, count: 3 }, prune: null, rounds: 1, threads: 1, ...more,
  };
}

export interface Quantized {
  readonly report: QuantizeReport;
  readonly operators: string[];
  readonly path: string;
  readonly target: string;
}

/** Writes the model and quantizes it, into a file beside it. */
export async function quantize(t: TestContext, model: ModelProto, more: Partial<QuantizeRequest>, lab = labHere): Promise<Quantized> {
  const path = join(folder(t), "model.onnx");
  writeFileSync(path, modelBytes(model));
  return await quantizeAgain(path, more, lab);
}

export async function quantizeAgain(path: string, more: Partial<QuantizeRequest>, lab = labHere): Promise<Quantized> {
  const before = readFileSync(path);
  const asked = request(path, more);
  const report = await quantizeFile(asked, lab);
  assert.deepEqual(readFileSync(path), before, "the original is as it was");
  const operators = [...allGraphs(readModel(asked.target).message)].flatMap(({ graph }) => graph.node.map(({ opType }) => opType));
  return { report, operators, path, target: asked.target };
}

/** The worst of the outputs. */
export const cosine = (report: QuantizeReport): number => Math.min(...report.comparison.outputs.map((output) => output.cosine));
export const count = (operators: readonly string[], name: string): number => operators.filter((operator) => operator === name).length;
