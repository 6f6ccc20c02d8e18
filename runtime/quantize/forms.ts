import type { Tensors } from "../backends/onnx/tensors.ts";
import { join } from "node:path";
import type { ChannelStatistics, Observation } from "../backends/onnx/lab/questions.ts";
import { elementType } from "../onnx-file/element.ts";
import type { OnnxModel } from "../onnx-file/model.ts";
import { writeModel } from "../onnx-file/write.ts";
import { weightBlocks } from "./blocks.ts";
import type { RangeMethod } from "./calibrate.ts";
import { dynamicInt8 } from "./dynamic-int8.ts";
import { exposed } from "./expose.ts";
import { fullPrecision } from "./full.ts";
import { halfGraph } from "./half-graph.ts";
import { halfWeights } from "./half-weights.ts";
import { int8WeightsOnly } from "./int8-weights-only.ts";
import { selects, type Selection } from "./pattern.ts";
import type { Lab } from "./quantize.ts";
import type { Rewriting } from "./rewriting.ts";
import { findSites, type Site } from "./sites.ts";
import { observedValues, staticInt8 } from "./static-int8.ts";

export const forms = ["int8", "int8-weights", "int4", "fp16", "fp32", "int8-static"] as const;
export type Form = (typeof forms)[number];

export interface FormOptions extends Selection {
  /** Null: nothing but pruning. */
  readonly form: Form | null;
  readonly block: number;
  /** Of INT4: with zero points, for weights that do not lie around zero. */
  readonly asymmetric: boolean;
  readonly reduceRange: boolean;
  /** Of INT8: even out channels by what inputs look like. */
  readonly balance: boolean;
  /** Of FP16: compute in it, too. */
  readonly wholeGraph: boolean;
  readonly method: RangeMethod;
}

export interface Experiment {
  readonly inputs: readonly Tensors[];
  readonly work: string;
  readonly threads: number;
}

/** Enough to see the shape of a distribution and its tails. */
const histogramBins = 2048;

/** Brings the draft of `source` into the form that was asked for. */
export async function applyForm(rewriting: Rewriting, source: OnnxModel, options: FormOptions, experiment: Experiment, lab: Lab): Promise<void> {
  switch (options.form) {
    case null: return;
    case "fp32": return await fullPrecision(rewriting, options);
    case "fp16": return await (options.wholeGraph ? halfGraph(rewriting, options) : halfWeights(rewriting, options));
    case "int4": return await weightBlocks(rewriting, { ...options, symmetric: !options.asymmetric });
    case "int8-weights": return await int8WeightsOnly(rewriting, options);
    case "int8-static": {
      const observations = await observe(source, observedValues(rewriting.draft, options), histogramBins, experiment, lab);
      return await staticInt8(rewriting, { ...options, observations });
    }
    case "int8": {
      const names = options.balance ? productInputs(rewriting, options) : [];
      const observations = await observe(source, names, 0, experiment, lab);
      const observed = new Map<string, ChannelStatistics>(observations.map(({ name, channels }) => [name, channels]));
      return await dynamicInt8(rewriting, { ...options, observed });
    }
  }
}

function productInputs({ draft }: Rewriting, selection: Selection): string[] {
  const selected = selects(selection);
  const wanted = ({ kind, scope, weight, node }: Site): boolean =>
    (kind === "matmul" || kind === "gemm") && scope === draft.main && elementType(weight.tensor.dataType) === "float32" && selected(node.name, weight.tensor.name);
  return [...new Set(findSites(draft).sites.filter(wanted).map(({ node }) => node.input[0] ?? ""))];
}

/** What values of the main graph look like, in a copy of the model that gives them as outputs. */
export async function observe(source: OnnxModel, values: readonly string[], bins: number, { inputs, work, threads }: Experiment, lab: Lab): Promise<readonly Observation[]> {
  if (values.length === 0) return [];
  lab.onProgress("observe", 0, 1);
  const written = writeModel({ ...source, message: exposed(source.message, values) }, join(work, "observed.onnx"));
  return await lab.ask({ kind: "observe", model: written.path, inputs, values, bins, threads }, { signal: lab.signal, onProgress: (done, total) => lab.onProgress("observe", done, total) });
}
