import type { NodeProto, ValueInfoProto } from "onnx-buf";
import { elementType, type ElementType } from "../onnx-file/element.ts";
import { lookUp, type Scope } from "./draft.ts";
import { integer, isOp } from "./sites.ts";

/** Operators whose outputs are of types of their own, not of their input's; the last one stands for all that follow. Null: the first input's. */
const own: Readonly<Record<string, readonly (ElementType | null)[]>> = {
  Shape: ["int64"], Size: ["int64"], NonZero: ["int64"], ArgMax: ["int64"], ArgMin: ["int64"], NonMaxSuppression: ["int64"], StringNormalizer: ["string"],
  Unique: [null, "int64"], TopK: [null, "int64"], MaxPool: [null, "int64"], Dropout: [null, "bool"],
  DynamicQuantizeLinear: ["uint8", "float32", "uint8"], MatMulInteger: ["int32"], ConvInteger: ["int32"], Multinomial: ["int32"],
  RandomNormal: ["float32"], RandomUniform: ["float32"], MelWeightMatrix: ["float32"], TfIdfVectorizer: ["float32"],
};
const booleans = new Set(["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Xor", "IsNaN", "IsInf"]);
/** Operators whose first input says nothing about their output, and the one that does. */
const told: Readonly<Record<string, number>> = {
  Where: 1, OneHot: 2, CastLike: 1, DequantizeLinear: 1, QuantizeLinear: 2, QLinearMatMul: 7, QLinearConv: 7, MatMulIntegerToFloat: 2, GatherBlockQuantized: 2,
};

/** What a value of the graph consists of; undefined where it cannot be said. Sub-graphs of If, Loop and Scan are taken at their word. */
export function typeOf(scope: Scope, name: string, depth = 0): ElementType | undefined {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const declared = declaredType([...at.graph.input, ...at.graph.valueInfo, ...at.graph.output].find((value) => value.name === name));
    if (declared !== undefined) return declared;
  }
  const meaning = lookUp(scope, name);
  if (meaning?.kind === "initializer") return elementType(meaning.tensor.dataType);
  // Long chains of nodes that all pass their type on: a stack of this depth would not end well.
  if (meaning?.kind !== "node" || depth > 2000) return undefined;
  return typeOfOutput(meaning.scope, meaning.node, name, depth);
}

const declaredType = (value: ValueInfoProto | undefined): ElementType | undefined =>
  value?.type?.value.case === "tensorType" ? elementType(value.type.value.value.elemType) : undefined;

function typeOfOutput(scope: Scope, node: NodeProto, name: string, depth: number): ElementType | undefined {
  const tensor = node.attribute.find((item) => item.name === "value")?.t;
  if (tensor !== undefined) return elementType(tensor.dataType);
  if (node.opType === "Constant") return node.attribute.some((item) => item.name.startsWith("value_float")) ? "float32" : "int64";
  if (node.opType === "ConstantOfShape") return "float32";
  if (node.opType === "Cast") return elementType(integer(node, "to", 0));
  const asked = node.attribute.find((item) => item.name === "dtype" || item.name === "output_dtype" || item.name === "output_datatype")?.i ?? 0n;
  if (asked !== 0n) return elementType(Number(asked));
  if (booleans.has(node.opType)) return "bool";
  const index = node.output.indexOf(name);
  const known = own[node.opType]?.slice(0, index + 1).at(-1) ?? null;
  if (known !== null) return known;
  const graph = node.attribute.find(({ g }) => g !== undefined)?.g;
  // A loop's body begins with whether to go on.
  if (graph !== undefined) return declaredType(graph.output[isOp(node, "Loop") ? index + 1 : index]);
  const teller = node.input[told[node.opType] ?? 0] ?? "";
  // Without a zero point.
  if (teller === "" && node.opType === "QuantizeLinear") return "uint8";
  return typeOf(scope, teller, depth + 1);
}
