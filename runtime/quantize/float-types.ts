import type { NodeProto } from "onnx-buf";
import { elementType, type ElementType } from "../onnx-file/element.ts";
import { lookUp, type Scope } from "./draft.ts";
import { integer } from "./sites.ts";

/** Operators whose first output is of a type of its own, not of their input's. */
const integers = new Set(["Shape", "Size", "NonZero", "ArgMax", "ArgMin", "Unique", "StringNormalizer"]);
const booleans = new Set(["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "And", "Or", "Xor", "IsNaN", "IsInf"]);
/** Operators whose first input says nothing about their output, and the one that does. */
const told: Readonly<Record<string, number>> = { Where: 1, OneHot: 2, Gather: 0, DequantizeLinear: 1, ConstantOfShape: -1 };

/** What a value of the graph consists of; undefined where it cannot be said. Sub-graphs of If, Loop and Scan are taken at their word. */
export function typeOf(scope: Scope, name: string, depth = 0): ElementType | undefined {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const declared = [...at.graph.input, ...at.graph.valueInfo, ...at.graph.output].find((value) => value.name === name)?.type?.value;
    if (declared?.case === "tensorType" && declared.value.elemType !== 0) return elementType(declared.value.elemType);
  }
  const meaning = lookUp(scope, name);
  if (meaning?.kind === "initializer") return elementType(meaning.tensor.dataType);
  // Long chains of nodes that all pass their type on: a stack of this depth would not end well.
  if (meaning?.kind !== "node" || depth > 2000) return undefined;
  return typeOfOutput(meaning.scope, meaning.node, name, depth);
}

function typeOfOutput(scope: Scope, node: NodeProto, name: string, depth: number): ElementType | undefined {
  const tensor = node.attribute.find((item) => item.name === "value")?.t;
  if (tensor !== undefined) return elementType(tensor.dataType);
  if (node.opType === "Constant") return node.attribute.some((item) => item.name.startsWith("value_float")) ? "float32" : "int64";
  if (node.opType === "ConstantOfShape") return "float32";
  if (node.opType === "Cast") return elementType(integer(node, "to", 0));
  if (integers.has(node.opType) || (node.opType === "TopK" && node.output[1] === name)) return "int64";
  if (booleans.has(node.opType)) return "bool";
  if (node.attribute.some(({ g }) => g !== undefined)) return undefined;
  return typeOf(scope, node.input[told[node.opType] ?? 0] ?? "", depth + 1);
}
