import type { NodeProto } from "onnx-buf";
import type { ChannelStatistics } from "../backends/onnx/lab/questions.ts";
import { node } from "../onnx-file/build.ts";
import { elementType } from "../onnx-file/element.ts";
import { balancedInputs, type BalancedInput } from "./balanced-inputs.ts";
import type { Scope } from "./draft.ts";
import { gemmTail } from "./gemm-tail.ts";
import { rowsGather } from "./int8-rows.ts";
import { int8Weights, type Int8Weight } from "./int8-weights.ts";
import type { Selection } from "./pattern.ts";
import { addTo, matrixOf, needOpset, notFinite, rewriteSites, type Rewriting } from "./rewriting.ts";
import type { Site } from "./sites.ts";

export interface DynamicOptions extends Selection {
  /** Seven bits for weights: for processors that lack VNNI instructions and saturate otherwise. */
  readonly reduceRange: boolean;
  /** What inputs of nodes of the main graph look like, by name; empty: each goes as it is. */
  readonly observed: ReadonlyMap<string, ChannelStatistics>;
  /** Default: all. */
  readonly where?: ((site: Site) => boolean) | undefined;
}

/**
 * `MatMul` and `Gemm` compute in integers: inputs are quantized in each run by their own range, weights now, by column.
 * onnxruntime fuses what is written here (quantize, multiply, cast, rescale) into one kernel.
 */
export async function dynamicInt8(rewriting: Rewriting, options: DynamicOptions): Promise<void> {
  needOpset(rewriting.draft, 11, "quantizing inputs in each run");
  const inputs = quantizedInputs(rewriting, balancedInputs(rewriting, options), (name) => (options.observed.get(name)?.rowShare ?? 1) < unevenRows);
  const weights = int8Weights(rewriting, options.reduceRange);
  const gather = rowsGather(rewriting);
  await rewriteSites(rewriting, options, ["matmul", "gemm", "gather"], (site) => {
    if (elementType(site.weight.tensor.dataType) !== "float32") return "its numbers are not 32-bit floats; `--to fp32` makes them so";
    if (site.kind === "gather") return gather(site);
    const balanced = inputs.balanceOf(site);
    const weight = weights(site, balanced?.balance ?? null);
    return weight === null ? notFinite : multiplyIntegers(rewriting, site, weight, inputs.quantized(site.scope, site.node.input[0] ?? "", balanced), balanced);
  }, options.where);
}

/** Rows that use less of the range than this are worth four more operators. */
const unevenRows = 0.07;

interface QuantizedInput {
  /** Nodes that make it, for the first who uses it. */
  readonly nodes: readonly NodeProto[];
  readonly value: string;
  readonly scale: string;
  readonly zeroPoint: string;
  /** What each row was divided by, if it was. */
  readonly rows: string | null;
  /** The channels that go as floats, if any do. */
  readonly taken: string | null;
}

/** One `DynamicQuantizeLinear` for all nodes of a graph that read the same input, as query, key and value do. */
function quantizedInputs(rewriting: Rewriting, balanceOf: (site: Site) => BalancedInput | null, rowsOf: (name: string) => boolean) {
  const { draft } = rewriting;
  const made = new Map<Scope, Map<string, QuantizedInput>>();
  const quantized = (scope: Scope, name: string, balanced: BalancedInput | null): QuantizedInput => {
    const ofScope = made.get(scope) ?? new Map<string, QuantizedInput>();
    made.set(scope, ofScope);
    const before = ofScope.get(name);
    if (before !== undefined) return { ...before, nodes: [] };
    const [value, scale, zeroPoint] = [draft.fresh(`${name}_quantized`), draft.fresh(`${name}_scale`), draft.fresh(`${name}_zero_point`)];
    const divided = balanced === null ? name : draft.fresh(`${name}_balanced`);
    const evened = rowsOf(name) ? evenRows(rewriting, scope, divided) : { nodes: [], value: divided, rows: null };
    const apart = takeApart(rewriting, scope, name, balanced?.balance.apart ?? []);
    const nodes = [
      ...apart.nodes,
      ...(balanced === null ? [] : [node("Mul", [name, balanced.inverse()], [divided], {}, { name: draft.fresh(`${name}_balance`) })]),
      ...evened.nodes,
      node("DynamicQuantizeLinear", [evened.value], [value, scale, zeroPoint], {}, { name: draft.fresh(`${name}_quantize`) }),
    ];
    const input = { nodes, value, scale, zeroPoint, rows: evened.rows, taken: apart.taken };
    ofScope.set(name, input);
    return input;
  };
  return { quantized, balanceOf };
}

/** The few channels that are too large to share a scale with the rest. */
function takeApart(rewriting: Rewriting, scope: Scope, name: string, channels: readonly number[]): { readonly nodes: readonly NodeProto[]; readonly taken: string | null } {
  if (channels.length === 0) return { nodes: [], taken: null };
  const { draft } = rewriting;
  const indices = addTo(rewriting, scope, `${name}_apart`, "int64", [channels.length], BigInt64Array.from(channels, BigInt));
  const taken = draft.fresh(`${name}_taken`);
  return { taken, nodes: [node("Gather", [name, indices], [taken], { axis: -1 }, { name: draft.fresh(`${name}_take`) })] };
}

/** Divides each row by its largest value: one token with a huge value would else leave few levels to all others. */
function evenRows(rewriting: Rewriting, scope: Scope, name: string): { readonly nodes: readonly NodeProto[]; readonly value: string; readonly rows: string } {
  const { draft } = rewriting;
  const named = (suffix: string): string => draft.fresh(`${name}_${suffix}`);
  const [magnitudes, largest, rows, value] = [named("magnitudes"), named("largest"), named("rows"), named("even_rows")];
  const least = addTo(rewriting, scope, `${name}_least`, "float32", [], Float32Array.of(1e-20));
  // From version 18 on the axes are an input.
  const axes = draft.opset() >= 18 ? [addTo(rewriting, scope, `${name}_axes`, "int64", [1], BigInt64Array.of(-1n))] : [];
  return {
    value, rows,
    nodes: [
      node("Abs", [name], [magnitudes], {}, { name: named("abs") }),
      node("ReduceMax", [magnitudes, ...axes], [largest], { keepdims: 1, ...(axes.length === 0 && { axes: [-1] }) }, { name: named("max") }),
      node("Max", [largest, least], [rows], {}, { name: named("no_zero") }),
      node("Div", [name, rows], [value], {}, { name: named("divide") }),
    ],
  };
}

function multiplyIntegers(rewriting: Rewriting, site: Site, weight: Int8Weight, input: QuantizedInput, balanced: BalancedInput | null): readonly NodeProto[] {
  const { draft } = rewriting;
  const { node: old } = site;
  const named = (suffix: string): string => draft.fresh(`${old.output[0] ?? ""}_${suffix}`);
  const name = (part: string) => ({ name: draft.fresh(`${old.name || old.opType}_${part}`) });
  const tail = gemmTail(rewriting, site);
  const [product, decimalProduct, scales] = [named("int32"), named("float"), named("scales")];
  const { taken } = input;
  const whole = taken === null ? tail.input : named("even");
  const rescaled = input.rows === null ? whole : named("rows");
  return [
    ...input.nodes,
    node("MatMulInteger", [input.value, weight.data, input.zeroPoint], [product], {}, name("integer")),
    node("Cast", [product], [decimalProduct], { to: 1 }, name("cast")),
    node("Mul", [input.scale, weight.scales], [scales], {}, name("scales")),
    node("Mul", [decimalProduct, scales], [rescaled], {}, name("rescale")),
    ...(input.rows === null ? [] : [node("Mul", [rescaled, input.rows], [whole], {}, name("rows"))]),
    ...(taken === null || balanced === null ? [] : multiplyApart(rewriting, site, taken, balanced, whole, tail.input)),
    ...tail.nodes,
  ];
}

/** The channels that go as floats: multiplied with their rows of the weight, and added. */
function multiplyApart(rewriting: Rewriting, site: Site, taken: string, { balance }: BalancedInput, product: string, output: string): readonly NodeProto[] {
  const { draft } = rewriting;
  const { node: old, scope, dims: [, n = 1] } = site;
  const matrix = matrixOf(rewriting, site);
  const rows = Float32Array.from(balance.apart.flatMap((channel) => [...matrix.subarray(channel * n, (channel + 1) * n)]));
  const weight = addTo(rewriting, scope, `${old.output[0] ?? ""}_rows`, "float32", [balance.apart.length, n], rows);
  const added = draft.fresh(`${old.output[0] ?? ""}_apart`);
  const name = (part: string) => ({ name: draft.fresh(`${old.name || old.opType}_${part}`) });
  return [node("MatMul", [taken, weight], [added], {}, name("apart")), node("Add", [product, added], [output], {}, name("sum"))];
}
