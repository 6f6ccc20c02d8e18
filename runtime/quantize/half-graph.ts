import type { AttributeProto, GraphProto, NodeProto, TensorProto } from "onnx-buf";
import { makeAttribute, node, tensor as makeTensor } from "../onnx-file/build.ts";
import { dataType } from "../onnx-file/element.ts";
import type { Scope } from "./draft.ts";
import { typeOf } from "./float-types.ts";
import { fromHalves, toHalves } from "./kernels/half.ts";
import { lossOf } from "./kernels/loss.ts";
import { selects, type Selection } from "./pattern.ts";
import type { Rewriting } from "./rewriting.ts";
import { nodeName } from "./sites.ts";

/** Operators that ONNX defines for 32-bit floats only, in inputs that are no weights. */
const needFloats = new Set(["Resize", "Upsample", "NonMaxSuppression", "Range", "DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear", "Multinomial", "RandomNormal", "RandomUniform", "MelWeightMatrix", "STFT", "MatMulNBits", "DynamicQuantizeMatMul", "MatMulIntegerToFloat"]);
const float: number = dataType("float32");
const half: number = dataType("float16");

/**
 * The whole graph in half precision: weights, constants, and what is computed. Inputs and outputs stay 32-bit floats, with casts behind and
 * before them; so do nodes that know nothing else, and those that are kept.
 */
export async function halfGraph(rewriting: Rewriting, selection: Selection): Promise<void> {
  const { draft, skipped } = rewriting;
  const selected = selects(selection);
  const kept = new Map<Scope, Map<NodeProto, KeptNode>>();
  // Types are read off the graph as it was.
  for (const scope of draft.scopes) {
    const ofScope = new Map<NodeProto, KeptNode>();
    for (const item of scope.graph.node) {
      const known = needFloats.has(item.opType);
      if (!known && selected(item.name)) continue;
      if (item.attribute.some(({ g }) => g !== undefined)) continue;
      const floats = (names: readonly string[]): Set<string> => new Set(names.filter((name) => name !== "" && typeOf(scope, name) === "float32"));
      ofScope.set(item, { inputs: floats(item.input), outputs: floats(item.output) });
      skipped.push({ node: nodeName(item), reason: known ? "the operator takes 32-bit floats only" : "left out by --keep or --only" });
    }
    kept.set(scope, ofScope);
  }
  const tensors = draft.scopes.flatMap(({ graph }) => graph.initializer).filter(({ dataType: type }) => type === float);
  for (const [done, tensor] of tensors.entries()) {
    await rewriting.step(done, tensors.length);
    Object.assign(tensor, converted(rewriting, tensor));
  }
  for (const scope of draft.scopes) {
    scope.graph.node = scope.graph.node.flatMap((item) => {
      const keep = kept.get(scope)?.get(item);
      if (keep !== undefined) return castsAround(rewriting, item, keep);
      // Zeros of 32 bits unless told otherwise.
      if (item.opType === "ConstantOfShape" && item.attribute.length === 0) item.attribute = [makeAttribute("value", makeTensor("", "float32", [1], [0]))];
      item.attribute = item.attribute.map((attribute) => convertAttribute(rewriting, item, attribute));
      return [item];
    });
    scope.graph.valueInfo = [];
    if (scope === draft.main) castEdges(rewriting, scope.graph);
    else for (const value of [...scope.graph.input, ...scope.graph.output]) if (value.type?.value.case === "tensorType" && value.type.value.value.elemType === float) value.type.value.value.elemType = half;
  }
}

interface KeptNode {
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
}

function converted({ store, notes }: Rewriting, tensor: TensorProto): TensorProto {
  const values = store.floats(tensor);
  const { bits, overflowed, vanished } = toHalves(values);
  const dims = tensor.dims.map(Number);
  if (tensor.name !== "") notes.push({ weight: tensor.name, form: "fp16", dims, loss: lossOf(values, fromHalves(bits)), overflowed, vanished });
  const made = store.make(tensor.name, "float16", dims, bits);
  return Object.assign(made, { floatData: [], ...(made.rawData.length > 0 ? { externalData: [], dataLocation: 0 } : { rawData: new Uint8Array() }) });
}

function convertAttribute(rewriting: Rewriting, item: NodeProto, attribute: AttributeProto): AttributeProto {
  const { name, t } = attribute;
  if (t !== undefined && t.dataType === float) return makeAttribute(name, converted(rewriting, t));
  if (item.opType === "Constant" && name === "value_float") return makeAttribute("value", makeTensor("", "float16", [], toHalves(Float32Array.of(attribute.f)).bits));
  if (item.opType === "Constant" && name === "value_floats") return makeAttribute("value", makeTensor("", "float16", [attribute.floats.length], toHalves(Float32Array.from(attribute.floats)).bits));
  const type = (item.opType === "Cast" && name === "to") || name === "dtype";
  return type && attribute.i === BigInt(float) ? makeAttribute(name, half) : attribute;
}

function castsAround({ draft }: Rewriting, item: NodeProto, { inputs, outputs }: KeptNode): NodeProto[] {
  const cast = (from: string, to: string, type: number): NodeProto => node("Cast", [from], [to], { to: type }, { name: draft.fresh(`${to}_cast`) });
  const [before, after]: [NodeProto[], NodeProto[]] = [[], []];
  item.input = item.input.map((name) => {
    if (!inputs.has(name)) return name;
    const wide = draft.fresh(`${name}_fp32`);
    before.push(cast(name, wide, float));
    return wide;
  });
  item.output = item.output.map((name) => {
    if (!outputs.has(name)) return name;
    const wide = draft.fresh(`${name}_fp32`);
    after.push(cast(wide, name, half));
    return wide;
  });
  return [...before, item, ...after];
}

/** Renames inside, so that the graph's inputs and outputs are called and typed as before. */
function castEdges({ draft }: Rewriting, graph: GraphProto): void {
  const isFloat = (value: GraphProto["input"][number]): boolean => value.type?.value.case === "tensorType" && value.type.value.value.elemType === float;
  const weights = new Set(graph.initializer.map(({ name }) => name));
  const inside = new Map<string, string>();
  const [before, after]: [NodeProto[], NodeProto[]] = [[], []];
  for (const { name } of graph.input.filter(isFloat).filter((value) => !weights.has(value.name))) {
    inside.set(name, draft.fresh(`${name}_fp16`));
    before.push(node("Cast", [name], [inside.get(name) ?? ""], { to: half }, { name: draft.fresh(`${name}_to_fp16`) }));
  }
  for (const { name } of graph.output.filter(isFloat).filter((value) => !inside.has(value.name))) {
    inside.set(name, draft.fresh(`${name}_fp16`));
    after.push(node("Cast", [inside.get(name) ?? ""], [name], { to: float }, { name: draft.fresh(`${name}_to_fp32`) }));
  }
  const rename = (name: string): string => inside.get(name) ?? name;
  for (const scope of draft.scopes) {
    for (const item of scope.graph.node) [item.input, item.output] = [item.input.map(rename), item.output.map(rename)];
    if (scope.graph !== graph) for (const output of scope.graph.output) output.name = rename(output.name);
  }
  graph.node = [...before, ...graph.node, ...after];
}
