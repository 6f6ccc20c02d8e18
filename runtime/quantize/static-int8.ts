import type { NodeProto } from "onnx-buf";
import type { Observation } from "../backends/onnx/lab/questions.ts";
import { node } from "../onnx-file/build.ts";
import { elementType } from "../onnx-file/element.ts";
import { rangeOf, type RangeMethod } from "./calibrate.ts";
import type { Draft } from "./draft.ts";
import { dynamicInt8 } from "./dynamic-int8.ts";
import { storeInInt8 } from "./int8-weights-only.ts";
import { rowsGather } from "./int8-rows.ts";
import { uint8Grid } from "./kernels/int8.ts";
import { selects, type Selection } from "./pattern.ts";
import { addTo, needOpset, notFinite, rewriteSites, type Rewriting } from "./rewriting.ts";
import { decimal, findSites, isOp, weightOf, type Site } from "./sites.ts";

export interface StaticOptions extends Selection {
  readonly observations: readonly Observation[];
  readonly method: RangeMethod;
  readonly reduceRange: boolean;
}

const products: readonly Site["kind"][] = ["matmul", "gemm", "conv"];

/** Values whose ranges are needed: inputs of products, and outputs of convolutions, which onnxruntime computes in integers only as a whole. */
export function observedValues(draft: Draft, selection: Selection): string[] {
  const selected = selects(selection);
  const wanted = ({ kind, scope, node: item, weight: { tensor } }: Site): boolean =>
    products.includes(kind) && scope === draft.main && elementType(tensor.dataType) === "float32" && selected(item.name, tensor.name);
  const sites = findSites(draft).sites.filter(wanted);
  return [...new Set(sites.flatMap((site) => [site.node.input[0] ?? "", ...(site.kind === "conv" ? [endOf(draft, site.node).output[0] ?? ""] : [])]))];
}

/**
 * Products between `QuantizeLinear` and `DequantizeLinear` with fixed ranges: the engine computes them in integers and need not look for the
 * range in each run. Values of sub-graphs cannot be observed; there, each run finds its own.
 */
export async function staticInt8(rewriting: Rewriting, options: StaticOptions): Promise<void> {
  const { draft } = rewriting;
  needOpset(draft, 13, "a scale for each channel");
  const { main } = draft;
  const ranges = new Map(options.observations.map((seen) => [seen.name, rangeOf(seen, options.method)]));
  const pairs = quantizedPairs(rewriting, ranges);
  const gather = rowsGather(rewriting);
  const scalesOf = new Map<unknown, Float32Array>();
  const ends = new Map<NodeProto, readonly NodeProto[]>();
  const inMain = ({ scope }: Site): boolean => scope === main;
  await rewriteSites(rewriting, options, [...products, "gather"], (site) => {
    if (elementType(site.weight.tensor.dataType) !== "float32") return "its numbers are not 32-bit floats; `--to fp32` makes them so";
    if (site.kind === "gather") return gather(site);
    const input = pairs(site.node.input[0] ?? "");
    if (input === null) return "its input has no range: it was no 32-bit float when it was observed";
    const weight = site.weight.tensor;
    const scales = scalesOf.get(weight) ?? storeInInt8(rewriting, site, options.reduceRange);
    if (scales === null) return notFinite;
    scalesOf.set(weight, scales);
    const item = node(site.node.opType, [input.name, ...site.node.input.slice(1)], site.node.output, {}, { name: site.node.name });
    item.attribute = site.node.attribute;
    const bias = integerBias(rewriting, site, input.scale, scales);
    if (bias !== null) item.input[2] = bias.name;
    const made = [...input.nodes, ...(bias === null ? [] : [bias.node]), item];
    if (site.kind === "conv") quantizeEnd(rewriting, endOf(draft, site.node), site.node, item, ranges, made, ends);
    return made;
  }, inMain);
  main.graph.node = main.graph.node.flatMap((item) => [item, ...(ends.get(item) ?? [])]);
  await dynamicInt8(rewriting, { ...options, observed: new Map(), where: (site) => site.scope !== main });
}

/** The node whose output stands for a convolution's: an activation right behind it is computed with it. */
function endOf(draft: Draft, conv: NodeProto): NodeProto {
  const output = conv.output[0] ?? "";
  const { graph } = draft.main;
  const readers = graph.node.filter(({ input }) => input.includes(output));
  const [only] = readers;
  const alone = readers.length === 1 && !graph.output.some(({ name }) => name === output);
  return alone && only !== undefined && (isOp(only, "Relu") || isOp(only, "Clip")) ? only : conv;
}

type Ranges = ReadonlyMap<string, { readonly low: number; readonly high: number }>;
interface Pair {
  readonly nodes: readonly NodeProto[];
  readonly name: string;
  readonly scale: number;
}

/** A value through eight bits, once for all who read it. */
function quantizedPairs(rewriting: Rewriting, ranges: Ranges): (name: string) => Pair | null {
  const made = new Map<string, Pair>();
  return (name) => {
    const before = made.get(name);
    if (before !== undefined) return { ...before, nodes: [] };
    const range = ranges.get(name);
    if (range === undefined) return null;
    const output = rewriting.draft.fresh(`${name}_dequantized`);
    const pair = { ...throughEightBits(rewriting, name, output, range), name: output };
    made.set(name, pair);
    return pair;
  };
}

function throughEightBits(rewriting: Rewriting, from: string, to: string, { low, high }: { readonly low: number; readonly high: number }): { nodes: readonly NodeProto[]; scale: number } {
  const { draft } = rewriting;
  const { scale, zeroPoint } = uint8Grid(low, high);
  const scaleName = addTo(rewriting, draft.main, `${from}_scale`, "float32", [], Float32Array.of(scale));
  const zeroName = addTo(rewriting, draft.main, `${from}_zero_point`, "uint8", [], Uint8Array.of(zeroPoint));
  const between = draft.fresh(`${from}_quantized`);
  return {
    scale,
    nodes: [
      node("QuantizeLinear", [from, scaleName, zeroName], [between], {}, { name: draft.fresh(`${from}_quantize`) }),
      node("DequantizeLinear", [between, scaleName, zeroName], [to], {}, { name: draft.fresh(`${from}_dequantize`) }),
    ],
  };
}

/** Integer kernels add the bias to their sums, in the sums' own scale: input scale × weight scale. */
function integerBias(rewriting: Rewriting, site: Site, inputScale: number, weightScales: Float32Array): { name: string; node: NodeProto } | null {
  const { draft, store } = rewriting;
  const { node: old, kind } = site;
  if (kind === "matmul" || (kind === "gemm" && (decimal(old, "alpha", 1) !== 1 || decimal(old, "beta", 1) !== 1))) return null;
  const bias = weightOf(draft.main, old.input[2] ?? "")?.tensor;
  if (bias === undefined || elementType(bias.dataType) !== "float32" || bias.dims.length !== 1) return null;
  const values = store.floats(bias);
  if (values.length !== weightScales.length) return null;
  const scales = weightScales.map((scale) => scale * inputScale);
  const whole = Int32Array.from(values, (value, channel) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(value / scales[channel]!))));
  const base = `${old.output[0] ?? ""}_bias`;
  const data = addTo(rewriting, draft.main, `${base}_int32`, "int32", [whole.length], whole);
  const scale = addTo(rewriting, draft.main, `${base}_scales`, "float32", [scales.length], scales);
  const zero = addTo(rewriting, draft.main, `${base}_zeros`, "int32", [whole.length], new Int32Array(whole.length));
  const name = draft.fresh(base);
  return { name, node: node("DequantizeLinear", [data, scale, zero], [name], { axis: 0 }, { name: draft.fresh(`${base}_dequantize`) }) };
}

/** Sends what a convolution gives through eight bits, under its old name. */
function quantizeEnd(
  rewriting: Rewriting, end: NodeProto, old: NodeProto, conv: NodeProto, ranges: Ranges, made: NodeProto[], ends: Map<NodeProto, readonly NodeProto[]>,
): void {
  const last = end === old ? conv : end;
  const output = last.output[0] ?? "";
  const range = ranges.get(output);
  if (range === undefined) return;
  const inner = rewriting.draft.fresh(`${output}_float`);
  last.output = [inner];
  const pair = throughEightBits(rewriting, inner, output, range).nodes;
  if (last === conv) made.push(...pair);
  else ends.set(last, pair);
}
