import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { InfernoError } from "../../protocol/errors.ts";
import type { askLab } from "../backends/onnx/lab/ask.ts";
import type { Comparison } from "../backends/onnx/lab/questions.ts";
import type { Tensors } from "../backends/onnx/tensors.ts";
import { externalPath, externalPlace, isExternal } from "../onnx-file/external.ts";
import { allTensors } from "../onnx-file/graphs.ts";
import { readModel, type OnnxModel } from "../onnx-file/model.ts";
import { writeModel } from "../onnx-file/write.ts";
import { readCalibration } from "./calibration-file.ts";
import { Draft } from "./draft.ts";
import { applyForm, type FormOptions } from "./forms.ts";
import { pruneModel, type PruneOutcome } from "./prune-model.ts";
import type { Rewriting, WeightNote } from "./rewriting.ts";
import { sampleInputs, spread, type SampleOptions } from "./sample-inputs.ts";
import type { Skipped } from "./sites.ts";
import { WeightStore } from "./weight-store.ts";

export interface QuantizeRequest extends Omit<FormOptions, "reduceRange"> {
  /** Weights that are multiplied as integers in 7 bits; null: where this processor's sums would saturate. */
  readonly reduceRange: boolean | null;
  readonly source: string;
  readonly target: string;
  readonly force: boolean;
  /** A file of inputs; null: they are made up. */
  readonly calibration: string | null;
  readonly samples: SampleOptions;
  /** Share of FFN channels to remove first, if any. */
  readonly prune: number | null;
  readonly rounds: number;
  readonly threads: number;
}

export interface QuantizeReport {
  readonly source: { readonly path: string; readonly bytes: number };
  readonly target: { readonly path: string; readonly dataPath: string | null; readonly bytes: number };
  readonly weights: readonly WeightNote[];
  readonly skipped: readonly Skipped[];
  /** Whether weights took 7 bits; null where the form multiplies no integers. */
  readonly reduceRange: boolean | null;
  readonly pruned: PruneOutcome | null;
  readonly inputs: { readonly from: "file" | "made up"; readonly count: number };
  readonly comparison: Comparison;
}

export type Phase = "inputs" | "observe" | "prune" | "weights" | "write" | "compare";
/** What a rewriting needs of the world. */
export interface Lab {
  readonly ask: typeof askLab;
  readonly signal: AbortSignal;
  readonly onProgress: (phase: Phase, done: number, total: number) => void;
}

/** Inputs that a range or a comparison is taken of: more take longer and say little more. */
const observed = 128;
const compared = 8;

/** Reads, rewrites, compares, and only then puts the result in its place. The original is never changed. */
export async function quantizeFile(request: QuantizeRequest, lab: Lab): Promise<QuantizeReport> {
  const { source: path, target, force } = request;
  const source = readModel(path);
  keepSource(source, target);
  const taken = [target, dataBeside(target)].find((file) => existsSync(file));
  if (taken !== undefined && !force) throw new InfernoError("usage", `${taken} is there already.`, { hint: "Choose another name with --output, or pass --force to replace it." });
  const replacedData = dataOf(target);
  const folder = workFolder(target);
  try {
    // Apart from the result, which may have any name.
    const work = join(folder, "steps");
    mkdirSync(work);
    const inputs = inputsOf(source, request);
    const pruned = request.prune === null ? null : await pruneModel(source, { ratio: request.prune, selection: request, work, inputs: spread(inputs, observed), threads: request.threads, measured: request.calibration !== null }, lab);
    const reduceRange = await sevenBits(request, lab);
    const outcome = await rewrite(pruned?.model ?? source, spread(inputs, observed), { ...request, reduceRange: reduceRange ?? false }, { work, result: join(folder, basename(target)) }, lab);
    lab.onProgress("compare", 0, 1);
    const comparison = await lab.ask({ kind: "compare", original: source.path, rewritten: outcome.path, inputs: spread(inputs, compared), rounds: request.rounds, threads: request.threads }, {
      signal: lab.signal, onProgress: (done, total) => lab.onProgress("compare", done, total),
    });
    lab.signal.throwIfAborted();
    if (outcome.dataPath !== null) renameSync(outcome.dataPath, join(dirname(target), basename(outcome.dataPath)));
    renameSync(outcome.path, target);
    if (outcome.dataPath === null && replacedData !== null) rmSync(replacedData, { force: true });
    return {
      source: { path: source.path, bytes: totalBytes(source) },
      target: { path: target, dataPath: outcome.dataPath === null ? null : join(dirname(target), basename(outcome.dataPath)), bytes: outcome.bytes },
      weights: outcome.notes, skipped: outcome.skipped, reduceRange, pruned: pruned?.outcome ?? null,
      inputs: { from: request.calibration === null ? "made up" : "file", count: inputs.length },
      comparison,
    };
  } catch (error) {
    const madeUp = request.calibration === null && error instanceof InfernoError && error.code === "inference_failed";
    throw madeUp ? new InfernoError(error.code, error.message, { cause: error, hint: "The inputs were made up. Give real ones with --calibrate FILE, or sizes that fit with --size NAME=N." }) : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sevenBits = async ({ form, reduceRange }: QuantizeRequest, lab: Lab): Promise<boolean | null> =>
  (form === "int8" || form === "int8-static" ? reduceRange ?? await lab.ask({ kind: "saturates" }, { signal: lab.signal }) : null);

/** Where a result's weights go that do not fit into the model file. */
const dataBeside = (target: string): string => `${target}_data`;

/** The file of weights that the model which is replaced has beside it; null where that file is of another one. */
function dataOf(target: string): string | null {
  const data = dataBeside(target);
  if (!existsSync(target) || !existsSync(data)) return null;
  try {
    return externalFiles(readModel(target, { data: "ignore" })).has(data) ? data : null;
  } catch {
    // What is replaced need not be a model; then its neighbour is left alone.
    return null;
  }
}

/** Not even with --force: the original is what the result is compared with, and may be all there is. */
function keepSource(source: OnnxModel, target: string): void {
  const real = (file: string): string => (existsSync(file) ? realpathSync(file) : file);
  const kept = new Set([source.path, ...externalFiles(source)].map(real));
  const clash = [target, dataBeside(target)].find((file) => kept.has(real(file)));
  if (clash !== undefined) throw new InfernoError("usage", `${clash} is part of the original, which is never written over.`, { hint: "Choose another name with --output." });
}

function workFolder(target: string): string {
  try {
    return mkdtempSync(join(dirname(target), `.${basename(target)}-`));
  } catch (cause) {
    throw new InfernoError("usage", `Nothing can be written to ${dirname(target)}.`, { cause, hint: "Choose another folder with --output." });
  }
}

function inputsOf(source: OnnxModel, { calibration, samples }: QuantizeRequest): readonly Tensors[] {
  return calibration === null ? sampleInputs(new Draft(source.message), samples) : readCalibration(calibration);
}

async function rewrite(source: OnnxModel, inputs: readonly Tensors[], request: FormOptions & Pick<QuantizeRequest, "threads">, { work, result }: { readonly work: string; readonly result: string }, lab: Lab) {
  const store = new WeightStore(source, join(work, "scratch"));
  const rewriting: Rewriting = {
    draft: new Draft(source.message), store, notes: [], skipped: [],
    step: async (done, total) => {
      lab.onProgress("weights", done, total);
      // Lets a Ctrl-C in between two weights.
      await setImmediate();
      lab.signal.throwIfAborted();
    },
  };
  try {
    await applyForm(rewriting, source, request, { inputs, work, threads: request.threads }, lab);
    lab.onProgress("write", 0, 1);
    const written = writeModel(store.model(rewriting.draft.model), result);
    return { ...written, notes: rewriting.notes, skipped: rewriting.skipped };
  } finally {
    store.dispose();
  }
}

function totalBytes(model: OnnxModel): number {
  let bytes = model.bytes;
  for (const file of externalFiles(model)) bytes += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

function externalFiles(model: OnnxModel): Set<string> {
  const files = new Set<string>();
  for (const tensor of allTensors(model.message)) if (isExternal(tensor)) files.add(externalPath(model, externalPlace(model.path, tensor)));
  files.delete(model.path);
  return files;
}
