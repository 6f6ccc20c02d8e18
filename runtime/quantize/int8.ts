import type { NodeProto } from "onnx-buf";
import { node } from "../onnx-file/build.ts";
import { elementType } from "../onnx-file/element.ts";
import type { Scope } from "./draft.ts";
import { channelView } from "./kernels/channels.ts";
import { dequantize, symmetricInt8 } from "./kernels/int8.ts";
import { allFinite } from "./kernels/loss.ts";
import { rowsGather } from "./int8-rows.ts";
import type { Selection } from "./pattern.ts";
import { addBeside, addTo, matrixOf, needOpset, note, oncePerWeight, rewriteSites, type Rewriting } from "./rewriting.ts";
import { decimal, type Site } from "./sites.ts";

export interface Int8Options extends Selection {
  /** Seven bits for weights: for processors that lack VNNI instructions and saturate otherwise. */
  readonly reduceRange: boolean;
}

interface Quantized {
  readonly data: string;
  readonly scales: string;
}

/**
 * `MatMul` and `Gemm` compute in integers: inputs are quantized in each run by their own range, weights now, by column.
 * onnxruntime fuses what is written here (quantize, multiply, cast, rescale) into one kernel.
 */
export async function dynamicInt8(rewriting: Rewriting, options: Int8Options): Promise<void> {
  needOpset(rewriting.draft, 11, "quantizing inputs in each run");
  const weights = int8Weights(rewriting, options.reduceRange);
  const inputs = quantizedInputs(rewriting);
  const gather = rowsGather(rewriting);
  await rewriteSites(rewriting, options, ["matmul", "gemm", "gather"], (site) => {
    if (elementType(site.weight.tensor.dataType) !== "float32") return "its numbers are not 32-bit floats; `--to fp32` makes them so";
    return site.kind === "gather" ? gather(site) : multiplyIntegers(rewriting, site, weights(site), inputs);
  });
}

/** Null where a weight holds what is no number. */
export function int8Weights(rewriting: Rewriting, reduceRange: boolean): (site: Site) => Quantized | null {
  return oncePerWeight((site) => {
    const values = matrixOf(rewriting, site);
    if (!allFinite(values)) return null;
    const view = channelView(site.dims, 1);
    const { quantized, scales } = symmetricInt8(values, view, reduceRange ? 63 : 127);
    note(rewriting, site, "int8", values, dequantize(quantized, scales, null, view));
    return { data: addBeside(rewriting, site, "int8", "int8", site.dims, quantized), scales: addBeside(rewriting, site, "scales", "float32", [scales.length], scales) };
  });
}

export const notFinite = "its weight holds infinities or NaN";

interface QuantizedInput {
  /** Nodes that make it, for the first who uses it. */
  readonly nodes: readonly NodeProto[];
  readonly value: string;
  readonly scale: string;
  readonly zeroPoint: string;
}

/** One `DynamicQuantizeLinear` for all nodes of a graph that read the same input, as query, key and value do. */
function quantizedInputs({ draft }: Rewriting): (scope: Scope, name: string) => QuantizedInput {
  const made = new Map<Scope, Map<string, QuantizedInput>>();
  return (scope, name) => {
    const ofScope = made.get(scope) ?? new Map<string, QuantizedInput>();
    made.set(scope, ofScope);
    const before = ofScope.get(name);
    if (before !== undefined) return { ...before, nodes: [] };
    const [value, scale, zeroPoint] = [draft.fresh(`${name}_quantized`), draft.fresh(`${name}_scale`), draft.fresh(`${name}_zero_point`)];
    const nodes = [node("DynamicQuantizeLinear", [name], [value, scale, zeroPoint], {}, { name: draft.fresh(`${name}_quantize`) })];
    const input = { nodes, value, scale, zeroPoint };
    ofScope.set(name, input);
    return input;
  };
}

function multiplyIntegers(rewriting: Rewriting, site: Site, weight: Quantized | null, inputs: ReturnType<typeof quantizedInputs>): readonly NodeProto[] | string {
  if (weight === null) return notFinite;
  const { draft } = rewriting;
  const { node: old, scope } = site;
  const { nodes, value, scale, zeroPoint } = inputs(scope, old.input[0] ?? "");
  const named = (suffix: string): string => draft.fresh(`${old.output[0] ?? ""}_${suffix}`);
  const [product, decimalProduct, scales] = [named("int32"), named("float"), named("scales")];
  const tail = gemmTail(rewriting, site);
  const name = (part: string) => ({ name: `${old.name || old.opType}_${part}` });
  return [
    ...nodes,
    node("MatMulInteger", [value, weight.data, zeroPoint], [product], {}, name("integer")),
    node("Cast", [product], [decimalProduct], { to: 1 }, name("cast")),
    node("Mul", [scale, weight.scales], [scales], {}, name("scales")),
    node("Mul", [decimalProduct, scales], [tail.input], {}, name("rescale")),
    ...tail.nodes,
  ];
}

/** What `Gemm` does after its product: `alpha · product + beta · C`. For `MatMul` there is nothing to do. */
export function gemmTail(rewriting: Rewriting, { kind, node: old, scope }: Site): { readonly input: string; readonly nodes: readonly NodeProto[] } {
  const output = old.output[0] ?? "";
  if (kind !== "gemm") return { input: output, nodes: [] };
  const { draft } = rewriting;
  const nodes: NodeProto[] = [];
  const [alpha, beta, bias] = [decimal(old, "alpha", 1), decimal(old, "beta", 1), old.input[2] ?? ""];
  const input = alpha === 1 && bias === "" ? output : draft.fresh(`${output}_product`);
  const times = (name: string, factor: number, target: string): void => {
    const constant = addTo(rewriting, scope, `${output}_factor`, "float32", [], Float32Array.of(factor));
    nodes.push(node("Mul", [name, constant], [target], {}, { name: draft.fresh(`${old.name || "Gemm"}_times`) }));
  };
  let product = input;
  if (alpha !== 1) {
    product = bias === "" ? output : draft.fresh(`${output}_alpha`);
    times(input, alpha, product);
  }
  if (bias !== "") {
    let added = bias;
    if (beta !== 1) {
      added = draft.fresh(`${output}_beta`);
      times(bias, beta, added);
    }
    nodes.push(node("Add", [product, added], [output], {}, { name: draft.fresh(`${old.name || "Gemm"}_bias`) }));
  }
  return { input, nodes };
}
