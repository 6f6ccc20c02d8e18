import type { GraphProto, NodeProto, TensorShapeProto, ValueInfoProto } from "onnx-buf";
import type { GraphValue } from "../../protocol/graph.ts";
import { elementType } from "./element.ts";

/** An input, an output or a value between, as reports say it. */
export function graphValue({ name, type }: Pick<ValueInfoProto, "name" | "type">): GraphValue {
  const kind = type?.value;
  if (kind?.case === "tensorType" || kind?.case === "sparseTensorType") return { name, type: elementType(kind.value.elemType) ?? "unknown", shape: shapeOf(kind.value.shape) };
  return { name, type: kind?.case === undefined ? "unknown" : kind.case.replace("Type", ""), shape: null };
}

function shapeOf(shape: TensorShapeProto | undefined): GraphValue["shape"] {
  if (shape === undefined) return null;
  return shape.dim.map(({ value }) => {
    if (value.case === "dimValue") return Number(value.value);
    return value.case === "dimParam" && value.value !== "" ? value.value : null;
  });
}

/** The names that these values have for sizes which differ from run to run. */
export const freeDimensions = (values: readonly GraphValue[]): string[] => [...new Set(values.flatMap(({ shape }) => shape ?? []).filter((size) => typeof size === "string"))];

/** Inputs that a caller gives: old models list their initializers among the inputs too. */
export function givenInputs(graph: GraphProto): ValueInfoProto[] {
  const initialized = new Set(graph.initializer.map(({ name }) => name));
  return graph.input.filter(({ name }) => !initialized.has(name));
}

/** What the graph says of values between its nodes; a file that was exported without shapes says nothing. */
export const knownValues = (graph: GraphProto): ReadonlyMap<string, GraphValue> =>
  new Map([...graph.valueInfo, ...graph.input, ...graph.output].map((info) => [info.name, graphValue(info)]));

/** ONNX's own operators have no domain, or its name. */
export const operatorName = ({ domain, opType }: NodeProto): string => (domain === "" || domain === "ai.onnx" ? opType : `${domain}.${opType}`);
