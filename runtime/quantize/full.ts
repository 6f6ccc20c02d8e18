import type { GraphProto, NodeProto, TensorProto } from "onnx-buf";
import { node } from "../onnx-file/build.ts";
import { dataType, elementType } from "../onnx-file/element.ts";
import type { Scope } from "./draft.ts";
import { blobBytes, blocksPerColumn, dequantizeBlocks, zeroBytes, type BlockShape } from "./kernels/blocks.ts";
import { channelView, transpose } from "./kernels/channels.ts";
import { dequantize } from "./kernels/int8.ts";
import { selects, type Selection } from "./pattern.ts";
import { changePrecision, keptNodes } from "./precision.ts";
import { addTo, type Rewriting } from "./rewriting.ts";
import { integer, isOp, nodeName, weightNames, weightOf } from "./sites.ts";
import { replaceNodes, sweep, usedNames } from "./sweep.ts";

/**
 * The way back: weights that are stored in fewer bits become 32-bit floats, and the nodes that take them apart are gone. What is computed in half
 * precision is computed in 32 bits then, with casts at inputs and outputs that are halves.
 */
export async function fullPrecision(rewriting: Rewriting, selection: Selection): Promise<void> {
  const { draft, notes, skipped } = rewriting;
  const usedBefore = usedNames(draft.model);
  const selected = selects(selection);
  const todo = draft.scopes.flatMap((scope) => scope.graph.node.filter((item) => takesApart(scope, item)).map((item) => ({ scope, item })));
  const replacements = new Map<NodeProto, readonly NodeProto[]>();
  for (const [done, { scope, item }] of todo.entries()) {
    await rewriting.step(done, todo.length);
    const result = selected(item.name, item.input[isOp(item, "MatMulNBits", "com.microsoft") ? 1 : 0] ?? "") ? toFloats(rewriting, scope, item) : "left out by --keep or --only";
    if (typeof result === "string") skipped.push({ node: nodeName(item), reason: result });
    else if (result !== null) {
      replacements.set(item, result);
      for (const made of result) for (const output of made.output) scope.producers.set(output, made);
    }
  }
  for (const { graph } of draft.scopes) replaceNodes(graph, replacements);
  sweep(draft.model, usedBefore);
  if (!draft.scopes.some(({ graph }) => hasHalves(graph))) return;
  const made = new Set([...replacements.values()].flat());
  const kept = keptNodes(draft, "float16", (scope, item) => !made.has(item) && !selected(item.name, ...weightNames(scope, item)));
  await changePrecision(rewriting, {
    from: "float16", to: "float32",
    convert: (values, weight, dims) => {
      if (weight !== "") notes.push({ weight, form: "fp32", dims, loss: exact });
      return values;
    },
  }, kept);
}

/** Floats hold what is stored as it is. */
const exact = { relative: 0, largest: 0 };
const half: number = dataType("float16");

/** Weights of halves, or values that are made halves. */
const hasHalves = ({ initializer, node: nodes }: GraphProto): boolean => initializer.some(({ dataType: type }) => type === half)
  || nodes.some((item) => (isOp(item, "Cast") && integer(item, "to", 0) === half) || item.attribute.some(({ t }) => t?.dataType === half));

const takesApart = (scope: Scope, item: NodeProto): boolean => isOp(item, "MatMulNBits", "com.microsoft") || isOp(item, "DequantizeLinear")
  || (isOp(item, "Cast") && elementType(integer(item, "to", 0)) === "float32" && elementType(constantTensor(scope, item.input[0])?.dataType ?? 0) === "float16");

/** Null where the node has no weights of its own. */
function toFloats(rewriting: Rewriting, scope: Scope, item: NodeProto): readonly NodeProto[] | string | null {
  if (isOp(item, "MatMulNBits", "com.microsoft")) return matMul(rewriting, scope, item);
  return isOp(item, "Cast") ? castOf(rewriting, scope, item) : constantOf(rewriting, scope, item);
}

function castOf(rewriting: Rewriting, scope: Scope, item: NodeProto): readonly NodeProto[] | null {
  const [name = ""] = item.input;
  const tensor = constantTensor(scope, name);
  return tensor === null ? null : [asFloats(rewriting, scope, item, name.replace(/_fp16$/, ""), tensor.dims.map(Number), rewriting.store.floats(tensor))];
}

/** The node that stands for one which made a weight out of what was stored. */
function asFloats(rewriting: Rewriting, scope: Scope, item: NodeProto, weight: string, dims: readonly number[], values: Float32Array): NodeProto {
  rewriting.notes.push({ weight, form: "fp32", dims, loss: exact });
  return node("Identity", [addTo(rewriting, scope, `${weight}_float`, "float32", dims, values)], [item.output[0] ?? ""], {}, { name: item.name });
}

function constantTensor(scope: Scope, name: string | undefined): TensorProto | null {
  const weight = weightOf(scope, name ?? "");
  return weight === null || weight.transposed ? null : weight.tensor;
}

function matMul(rewriting: Rewriting, scope: Scope, item: NodeProto): readonly NodeProto[] | string | null {
  const { draft, store } = rewriting;
  const [input = "", weights = "", scaleName, zeroName = "", order = "", bias = ""] = item.input;
  const [data, scale, zero] = [constantTensor(scope, weights), constantTensor(scope, scaleName), constantTensor(scope, zeroName)];
  if (data === null || scale === null) return null;
  const bits = integer(item, "bits", 4);
  const shape: BlockShape = { k: integer(item, "K", 0), n: integer(item, "N", 0), size: integer(item, "block_size", 0), bits: bits === 8 ? 8 : 4 };
  if ((bits !== 4 && bits !== 8) || order !== "") return `its weights have ${order === "" ? `${bits} bits` : "an order of their own"}`;
  if (zeroName !== "" && (zero === null || elementType(zero.dataType) !== "uint8")) return "its zero points are no packed integers";
  const [bytes, scales, zeros] = [store.values(data), store.floats(scale), zero === null ? null : store.values(zero)];
  if (!(bytes instanceof Uint8Array) || (zeros !== null && !(zeros instanceof Uint8Array))) return "its weights are not bytes";
  const blocks = shape.n * blocksPerColumn(shape);
  if (bytes.length !== blocks * blobBytes(shape) || scales.length !== blocks || (zeros !== null && zeros.length !== shape.n * zeroBytes(shape))) return "its weights are not as many as its sizes say";
  const columns = dequantizeBlocks({ data: new Uint8Array(bytes), scales: new Float32Array(scales), zeroPoints: zeros === null ? null : new Uint8Array(zeros) }, shape);
  const output = item.output[0] ?? "";
  const product = bias === "" ? output : draft.fresh(`${output}_product`);
  rewriting.notes.push({ weight: weights, form: "fp32", dims: [shape.k, shape.n], loss: exact });
  const weight = addTo(rewriting, scope, weights.replace(/_Q\d$/, ""), "float32", [shape.k, shape.n], transpose(columns, shape.n, shape.k));
  const name = item.name.replace(/_Q\d$/, "");
  return [
    node("MatMul", [input, weight], [product], {}, { name }),
    ...(bias === "" ? [] : [node("Add", [product, bias], [output], {}, { name: `${name}_bias` })]),
  ];
}

function constantOf(rewriting: Rewriting, scope: Scope, item: NodeProto): readonly NodeProto[] | string | null {
  const { store } = rewriting;
  const [dataName = "", scaleName, zeroName = ""] = item.input;
  const [data, scale, zero] = [constantTensor(scope, dataName), constantTensor(scope, scaleName), constantTensor(scope, zeroName)];
  if (data === null || scale === null || (zeroName !== "" && zero === null)) return null;
  if (integer(item, "block_size", 0) !== 0) return "its scales are of blocks";
  if (!["float32", "float16"].includes(elementType(scale.dataType) ?? "")) return "its scales are neither floats nor halves";
  const dims = data.dims.map(Number);
  const scales = store.floats(scale);
  const view = scales.length === 1 ? { outer: 1, channels: 1, inner: dims.reduce((total, dim) => total * dim, 1) } : channelView(dims, integer(item, "axis", 1));
  if (scales.length !== view.channels) return "its scales are not as many as its channels";
  const values = dequantize(store.floats(data), scales, zero === null ? null : store.floats(zero), view);
  return [asFloats(rewriting, scope, item, dataName, dims, values)];
}
