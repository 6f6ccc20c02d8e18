import type { NodeProto } from "onnx-buf";
import { fromHalves, toHalves } from "../../base/halves.ts";
import type { Scope } from "./draft.ts";
import { lossOf } from "./kernels/loss.ts";
import { selects, type Selection } from "./pattern.ts";
import { changePrecision, keptNodes } from "./precision.ts";
import type { Rewriting } from "./rewriting.ts";
import { isOp, nodeName, weightNames } from "./sites.ts";

/** Operators that ONNX defines for 32-bit floats only, in inputs that are no weights. */
const needFloats = new Set(["Resize", "Upsample", "NonMaxSuppression", "Range", "DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear", "Multinomial", "RandomNormal", "RandomUniform", "MelWeightMatrix", "STFT", "MatMulNBits", "DynamicQuantizeMatMul", "MatMulIntegerToFloat"]);

/**
 * The whole graph in half precision: weights, constants, and what is computed. Inputs and outputs stay 32-bit floats, with casts behind and
 * before them; so do nodes that know nothing else, and those that are kept, with their weights.
 */
export async function halfGraph(rewriting: Rewriting, selection: Selection): Promise<void> {
  const { draft, notes, skipped } = rewriting;
  const selected = selects(selection);
  const rescaling = new Set(draft.scopes.flatMap(rescalings));
  const reasonOf = (scope: Scope, item: NodeProto): string | null => {
    if (needFloats.has(item.opType)) return "the operator takes 32-bit floats only";
    if (rescaling.has(item)) return "it rescales sums of integers, which a half does not hold";
    return selected(item.name, ...weightNames(scope, item)) ? null : "left out by --keep or --only";
  };
  const kept = keptNodes(draft, "float32", (scope, item) => {
    const reason = reasonOf(scope, item);
    const listed = reason !== null && !isOp(item, "Constant") && item.attribute.every(({ g }) => g === undefined);
    if (listed) skipped.push({ node: nodeName(item), reason });
    return listed;
  });
  await changePrecision(rewriting, {
    from: "float32", to: "float16",
    convert: (values, name, dims) => {
      const { bits, overflowed, vanished } = toHalves(values);
      if (name !== "") notes.push({ weight: name, form: "fp16", dims, loss: lossOf(values, fromHalves(bits)), overflowed, vanished });
      return bits;
    },
  }, kept);
}

/** What makes floats of integer products: the sums go into the millions, and only the scales bring them back. */
function rescalings({ graph }: Scope): NodeProto[] {
  const [sums, floats, scales] = [new Set<string>(), new Set<string>(), new Set<string>()];
  return graph.node.filter((item) => {
    const [first = "", second = ""] = item.input;
    const [output = ""] = item.output;
    if (isOp(item, "MatMulInteger") || isOp(item, "ConvInteger")) sums.add(output);
    if (isOp(item, "DynamicQuantizeLinear")) scales.add(item.output[1] ?? "");
    if (isOp(item, "Cast") && sums.has(first)) {
      floats.add(output);
      return true;
    }
    if (!isOp(item, "Mul")) return false;
    if (floats.has(first) || floats.has(second)) return true;
    const scale = scales.has(first) || scales.has(second);
    if (scale) scales.add(output);
    return scale;
  });
}
