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
  const inputs = quantizedInputs(rewriting, balancedInputs(rewriting, options));
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

interface QuantizedInput {
  /** Nodes that make it, for the first who uses it. */
  readonly nodes: readonly NodeProto[];
  readonly value: string;
  readonly scale: string;
  readonly zeroPoint: string;
}

/** One `DynamicQuantizeLinear` for all nodes of a graph that read the same input, as query, key and value do. */
function quantizedInputs({ draft }: Rewriting, balanceOf: (site: Site) => BalancedInput | null) {
  const made = new Map<Scope, Map<string, QuantizedInput>>();
  const quantized = (scope: Scope, name: string, balanced: BalancedInput | null): QuantizedInput => {
    const ofScope = made.get(scope) ?? new Map<string, QuantizedInput>();
    made.set(scope, ofScope);
    const before = ofScope.get(name);
    if (before !== undefined) return { ...before, nodes: [] };
    const [value, scale, zeroPoint] = [draft.fresh(`${name}_quantized`), draft.fresh(`${name}_scale`), draft.fresh(`${name}_zero_point`)];
    const divided = balanced === null ? name : draft.fresh(`${name}_balanced`);
    const nodes = [
      ...(balanced === null ? [] : [node("Mul", [name, balanced.inverse()], [divided], {}, { name: draft.fresh(`${name}_balance`) })]),
      node("DynamicQuantizeLinear", [divided], [value, scale, zeroPoint], {}, { name: draft.fresh(`${name}_quantize`) }),
    ];
    ofScope.set(name, { nodes, value, scale, zeroPoint });
    return { nodes, value, scale, zeroPoint };
  };
  return { quantized, balanceOf };
}

function multiplyIntegers(rewriting: Rewriting, site: Site, weight: Int8Weight, input: QuantizedInput, balanced: BalancedInput | null): readonly NodeProto[] {
  const { draft } = rewriting;
  const { node: old } = site;
  const named = (suffix: string): string => draft.fresh(`${old.output[0] ?? ""}_${suffix}`);
  const name = (part: string) => ({ name: draft.fresh(`${old.name || old.opType}_${part}`) });
  const tail = gemmTail(rewriting, site);
  const [product, decimalProduct, scales] = [named("int32"), named("float"), named("scales")];
  const apart = balanced === null || balanced.balance.apart.length === 0 ? null : balanced;
  const rescaled = apart === null ? tail.input : named("even");
  return [
    ...input.nodes,
    node("MatMulInteger", [input.value, weight.data, input.zeroPoint], [product], {}, name("integer")),
    node("Cast", [product], [decimalProduct], { to: 1 }, name("cast")),
    node("Mul", [input.scale, weight.scales], [scales], {}, name("scales")),
    node("Mul", [decimalProduct, scales], [rescaled], {}, name("rescale")),
    ...(apart === null ? [] : multiplyApart(rewriting, site, apart, rescaled, tail.input)),
    ...tail.nodes,
  ];
}

/** The few channels that go as floats: taken out of the input, multiplied with their rows, and added. */
function multiplyApart(rewriting: Rewriting, site: Site, { balance }: BalancedInput, product: string, output: string): readonly NodeProto[] {
  const { draft } = rewriting;
  const { node: old, scope, dims: [, n = 1] } = site;
  const matrix = matrixOf(rewriting, site);
  const rows = Float32Array.from(balance.apart.flatMap((channel) => [...matrix.subarray(channel * n, (channel + 1) * n)]));
  const input = old.input[0] ?? "";
  const named = (suffix: string): string => draft.fresh(`${old.output[0] ?? ""}_${suffix}`);
  const name = (part: string) => ({ name: draft.fresh(`${old.name || old.opType}_${part}`) });
  const channels = addTo(rewriting, scope, `${input}_apart`, "int64", [balance.apart.length], BigInt64Array.from(balance.apart, BigInt));
  const weight = addTo(rewriting, scope, `${old.output[0] ?? ""}_rows`, "float32", [balance.apart.length, n], rows);
  const [taken, added] = [named("taken"), named("apart")];
  return [
    node("Gather", [input, channels], [taken], { axis: -1 }, name("take")),
    node("MatMul", [taken, weight], [added], {}, name("apart")),
    node("Add", [product, added], [output], {}, name("sum")),
  ];
}
