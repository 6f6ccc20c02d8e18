import { clone } from "@bufbuild/protobuf";
import { NodeProtoSchema, type AttributeProto, type GraphProto, type NodeProto, type TensorProto } from "onnx-buf";
import { makeAttribute, node, tensor as makeTensor } from "../onnx-file/build.ts";
import { dataType, elementType, type ElementType } from "../onnx-file/element.ts";
import type { Values } from "../onnx-file/tensor.ts";
import type { Draft, Scope } from "./draft.ts";
import { typeOf } from "./float-types.ts";
import { FloatValues } from "./value-precisions.ts";
import { isOp, weightOf } from "./sites.ts";
import type { Rewriting } from "./rewriting.ts";

/** From one precision of floats to another. */
export interface Precisions {
  readonly from: "float32" | "float16";
  readonly to: "float32" | "float16";
  /** Numbers in the new precision; `name` is that of the weight, if it has one. */
  readonly convert: (values: Float32Array, name: string, dims: readonly number[]) => Values;
}

/** A node that computes in the old precision: those of its inputs and outputs that are of it. */
export interface KeptNode {
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
}

/**
 * The nodes that stay in the old precision, with those that only bring them their weights: a weight that went through the new precision on its way
 * would be another one.
 */
export function keptNodes(draft: Draft, from: ElementType, stays: (scope: Scope, item: NodeProto) => boolean): ReadonlyMap<NodeProto, KeptNode> {
  const kept = new Map<NodeProto, KeptNode>();
  const keep = (scope: Scope, item: NodeProto): void => {
    if (kept.has(item) || isOp(item, "Constant") || item.attribute.some(({ g }) => g !== undefined)) return;
    const floats = (names: readonly string[]): Set<string> => new Set(names.filter((name) => name !== "" && typeOf(scope, name) === from));
    kept.set(item, { inputs: floats(item.input), outputs: floats(item.output) });
    for (const name of item.input) {
      const carrier = scope.producers.get(name);
      if (carrier !== undefined && weightOf(scope, name) !== null) keep(scope, carrier);
    }
  };
  for (const scope of draft.scopes) for (const item of scope.graph.node) if (stays(scope, item)) keep(scope, item);
  return kept;
}

/** Brings weights, constants and what is computed into another precision; inputs and outputs of the model, and the kept nodes, stay in the old one. */
export async function changePrecision(rewriting: Rewriting, precisions: Precisions, kept: ReadonlyMap<NodeProto, KeptNode>): Promise<void> {
  const { draft } = rewriting;
  const from: number = dataType(precisions.from);
  const values = new FloatValues(draft, precisions, kept);
  const tensors = draft.scopes.flatMap((scope) => scope.graph.initializer.filter(({ dataType: type }) => type === from).map((tensor) => ({ scope, tensor })));
  for (const [done, { scope, tensor }] of tensors.entries()) {
    await rewriting.step(done, tensors.length);
    const { stays, changed, changedName } = values.get(scope, tensor.name);
    if (!stays) Object.assign(tensor, converted(rewriting, tensor, precisions));
    else if (changed && !scope.inputs.has(tensor.name)) draft.addInitializer(scope, Object.assign(converted(rewriting, tensor, precisions), { name: changedName }));
  }
  for (const scope of draft.scopes) {
    const { graph } = scope;
    graph.node = graph.node.flatMap((item) => changedNode(rewriting, scope, item, precisions, kept.get(item), values));
    graph.valueInfo = [];
    if (scope === draft.main) castEdges(draft, values, precisions);
    else {
      for (const output of graph.output) output.name = values.get(scope, output.name).changedName;
      for (const { type } of [...graph.input, ...graph.output]) if (type?.value.case === "tensorType" && type.value.value.elemType === from) type.value.value.elemType = dataType(precisions.to);
    }
  }
}

const castTo = ({ fresh }: { fresh: (name: string) => string }, from: string, to: string, type: ElementType): NodeProto =>
  node("Cast", [from], [to], { to: dataType(type) }, { name: fresh(`${to}_cast`) });

function changedNode(rewriting: Rewriting, scope: Scope, item: NodeProto, precisions: Precisions, kept: KeptNode | undefined, values: FloatValues): NodeProto[] {
  const { draft } = rewriting;
  const fresh = (name: string): string => draft.fresh(name);
  const value = (name: string) => values.get(scope, name);
  if (kept !== undefined) {
    const [before, after]: [NodeProto[], NodeProto[]] = [[], []];
    item.input = item.input.map((name) => {
      if (!kept.inputs.has(name) || value(name).stays) return name;
      const old = fresh(`${name}_${precisions.from}`);
      before.push(castTo({ fresh }, value(name).changedName, old, precisions.from));
      return old;
    });
    for (const name of kept.outputs) if (value(name).changed) after.push(castTo({ fresh }, name, value(name).changedName, precisions.to));
    return [...before, item, ...after];
  }
  const [constant = ""] = item.output;
  const stays = isOp(item, "Constant") && value(constant).stays;
  if (stays && !value(constant).changed) return [item];
  const changed = stays ? clone(NodeProtoSchema, item) : item;
  if (stays && item.name !== "") changed.name = fresh(item.name);
  changed.input = item.input.map((name) => value(name).changedName);
  changed.output = item.output.map((name) => value(name).changedName);
  // Zeros of 32 bits unless told otherwise.
  if (item.opType === "ConstantOfShape" && item.attribute.length === 0) changed.attribute = [makeAttribute("value", makeTensor("", "float32", [1], [0]))];
  changed.attribute = changed.attribute.map((attribute) => changedAttribute(rewriting, item, attribute, precisions));
  return stays ? [item, changed] : [changed];
}

function converted({ store }: Rewriting, tensor: TensorProto, { to, convert }: Precisions): TensorProto {
  const dims = tensor.dims.map(Number);
  const made = store.make(tensor.name, to, dims, convert(store.floats(tensor), tensor.name, dims));
  return Object.assign(made, { floatData: [], int32Data: [], ...(made.rawData.length > 0 ? { externalData: [], dataLocation: 0 } : { rawData: new Uint8Array() }) });
}

function changedAttribute(rewriting: Rewriting, item: NodeProto, attribute: AttributeProto, precisions: Precisions): AttributeProto {
  const { from, to, convert } = precisions;
  const { name, t } = attribute;
  if (t !== undefined && elementType(t.dataType) === from) return makeAttribute(name, converted(rewriting, t, precisions));
  if (from === "float32" && isOp(item, "Constant") && (name === "value_float" || name === "value_floats")) {
    const numbers = Float32Array.from(name === "value_float" ? [attribute.f] : attribute.floats);
    const dims = name === "value_float" ? [] : [numbers.length];
    return makeAttribute("value", makeTensor("", to, dims, convert(numbers, "", dims)));
  }
  const type = (item.opType === "Cast" && name === "to") || name === "dtype" || name === "output_dtype";
  return type && attribute.i === BigInt(dataType(from)) ? makeAttribute(name, dataType(to)) : attribute;
}

/** The graph's inputs and outputs are called and typed as before. */
function castEdges(draft: Draft, values: FloatValues, { from, to }: Precisions): void {
  const { graph } = draft.main;
  const fresh = (name: string): string => draft.fresh(name);
  const edges = (list: GraphProto["input"]) => list.filter((item) => item.type?.value.case === "tensorType" && elementType(item.type.value.value.elemType) === from).map(({ name }) => ({ name, ...values.get(draft.main, name) }));
  const before = edges(graph.input).filter(({ changed }) => changed).map(({ name, changedName }) => castTo({ fresh }, name, changedName, to));
  const after = edges(graph.output).filter(({ stays }) => !stays).map(({ name, changedName }) => castTo({ fresh }, changedName, name, from));
  graph.node = [...before, ...graph.node, ...after];
}
