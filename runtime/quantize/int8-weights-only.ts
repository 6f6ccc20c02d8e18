import { node } from "../onnx-file/build.ts";
import { elementType } from "../onnx-file/element.ts";
import { channelView } from "./kernels/channels.ts";
import { dequantize, symmetricInt8 } from "./kernels/int8.ts";
import { allFinite } from "./kernels/loss.ts";
import { rowsGather } from "./int8-rows.ts";
import type { Selection } from "./pattern.ts";
import { addBeside, needOpset, note, notFinite, rewriteSites, weightName, type Rewriting } from "./rewriting.ts";
import type { Site } from "./sites.ts";
import { storeAs } from "./stored.ts";

/**
 * Weights in INT8 with a scale for each output channel; `DequantizeLinear` makes floats of them when the model runs.
 * Nodes are left as they are, whatever they do with the weight.
 */
export async function int8WeightsOnly(rewriting: Rewriting, selection: Selection): Promise<void> {
  needOpset(rewriting.draft, 13, "a scale for each channel");
  const gather = rowsGather(rewriting);
  const done = new Set<unknown>();
  await rewriteSites(rewriting, selection, ["matmul", "gemm", "conv", "gather"], (site) => {
    if (elementType(site.weight.tensor.dataType) !== "float32") return "its numbers are not 32-bit floats; `--to fp32` makes them so";
    if (site.kind === "gather") return gather(site);
    if (!done.has(site.weight.tensor) && storeInInt8(rewriting, site, false) === null) return notFinite;
    done.add(site.weight.tensor);
    return [site.node];
  });
}

/** The axis of output channels, as the weight is stored. */
export const outputAxis = ({ kind, weight }: Site): number => (kind === "conv" || weight.transposed ? 0 : 1);

/** Answers the scales; null where the weight holds what is no number. `reduceRange` is for weights that are multiplied as integers. */
export function storeInInt8(rewriting: Rewriting, site: Site, reduceRange: boolean): Float32Array | null {
  const { draft, store } = rewriting;
  const { tensor, scope } = site.weight;
  const values = store.floats(tensor);
  if (!allFinite(values)) return null;
  const [dims, axis] = [tensor.dims.map(Number), outputAxis(site)];
  const view = channelView(dims, axis);
  const { quantized, scales } = symmetricInt8(values, view, reduceRange ? 63 : 127);
  note(rewriting, site, "int8", values, dequantize(quantized, scales, null, view));
  const name = storedName(site);
  const data = addBeside(rewriting, site, "int8", "int8", dims, quantized);
  const scale = addBeside(rewriting, site, "scales", "float32", [scales.length], scales);
  const zero = addBeside(rewriting, site, "zeros", "int8", [scales.length], new Int8Array(scales.length));
  storeAs(scope, name, [node("DequantizeLinear", [data, scale, zero], [name], { axis }, { name: draft.fresh(`${weightName(site)}_dequantize`) })]);
  return scales;
}

/** The name under which nodes know the weight: of the initializer, or of the constant node's output. */
function storedName({ weight: { tensor, scope } }: Site): string {
  const constant = scope.graph.node.find((item) => item.opType === "Constant" && item.attribute.some(({ t }) => t === tensor));
  return constant?.output[0] ?? tensor.name;
}
