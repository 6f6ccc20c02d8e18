import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as AttributeType, AttributeProtoSchema, GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, OperatorSetIdProtoSchema, StringStringEntryProtoSchema, TensorProtoSchema,
  TensorShapeProto_DimensionSchema, TypeProto_TensorSchema, TypeProtoSchema, ValueInfoProtoSchema, TensorShapeProtoSchema,
  type AttributeProto, type GraphProto, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto,
} from "onnx-buf";
import { dataType, type ElementType } from "./element.ts";
import type { Values } from "./tensor.ts";

/** Parts of models, for what writes or rewrites them. */

/** A float, where the number alone would be taken for an integer. */
export interface Float {
  readonly float: number;
}
export const float = (value: number): Float => ({ float: value });

/** Whole numbers are integers to ONNX, others floats; an empty list is one of integers. */
export type AttributeValue = number | bigint | Float | string | readonly (number | bigint)[] | readonly string[] | TensorProto | GraphProto | Float32Array;

export interface NodeOptions {
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
}

export function node(opType: string, input: readonly string[], output: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}, { name = "", domain = "" }: NodeOptions = {}): NodeProto {
  const attribute = Object.entries(attributes).map(([key, value]) => makeAttribute(key, value));
  return create(NodeProtoSchema, { opType, input: [...input], output: [...output], attribute, ...(name !== "" && { name }), ...(domain !== "" && { domain }) });
}

export const makeAttribute = (name: string, value: AttributeValue): AttributeProto => create(AttributeProtoSchema, { name, ...content(value) });

function content(value: AttributeValue): Partial<Omit<AttributeProto, "$typeName" | "$unknown">> {
  const text = new TextEncoder();
  if (typeof value === "string") return { type: AttributeType.STRING, s: text.encode(value) };
  if (typeof value === "bigint") return { type: AttributeType.INT, i: value };
  if (typeof value === "number") return Number.isSafeInteger(value) ? { type: AttributeType.INT, i: BigInt(value) } : { type: AttributeType.FLOAT, f: value };
  if (value instanceof Float32Array) return { type: AttributeType.FLOATS, floats: [...value] };
  if ("float" in value) return { type: AttributeType.FLOAT, f: value.float };
  if ("$typeName" in value) return value.$typeName === "onnx.GraphProto" ? { type: AttributeType.GRAPH, g: value } : { type: AttributeType.TENSOR, t: value };
  if (value.every((item) => typeof item === "string")) return value.length === 0 ? { type: AttributeType.INTS } : { type: AttributeType.STRINGS, strings: value.map((item) => text.encode(item)) };
  const whole = value.every((item) => typeof item === "bigint" || Number.isSafeInteger(item));
  return whole ? { type: AttributeType.INTS, ints: value.map(BigInt) } : { type: AttributeType.FLOATS, floats: value.map(Number) };
}

/** A tensor of the bytes of any typed array; plain numbers are taken for `float32`, `int64` and `int32`. */
export function tensor(name: string, type: ElementType, dims: readonly number[], values: Values | readonly number[]): TensorProto {
  const data = Array.isArray(values) ? fromNumbers(type, values as readonly number[]) : (values as Values);
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return create(TensorProtoSchema, { name, dataType: dataType(type), dims: dims.map(BigInt), rawData });
}

function fromNumbers(type: ElementType, values: readonly number[]): Values {
  if (type === "float32") return Float32Array.from(values);
  if (type === "float64") return Float64Array.from(values);
  if (type === "int64") return BigInt64Array.from(values, BigInt);
  if (type === "int32") return Int32Array.from(values);
  if (type === "int8") return Int8Array.from(values);
  if (type === "uint8" || type === "bool") return Uint8Array.from(values);
  throw new TypeError(`Give the values of a tensor of ${type} as a typed array.`);
}

/** An input or output. A dimension that is free has a name, or null. */
export function value(name: string, type: ElementType, dims: readonly (number | string | null)[] | null): ValueInfoProto {
  const dim = (dims ?? []).map((size) => create(TensorShapeProto_DimensionSchema, {
    value: typeof size === "number" ? { case: "dimValue", value: BigInt(size) } : size === null ? { case: undefined } : { case: "dimParam", value: size },
  }));
  const shape = create(TensorShapeProtoSchema, { dim });
  const tensorType = create(TypeProto_TensorSchema, { elemType: dataType(type), ...(dims !== null && { shape }) });
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensorType } }) });
}

export interface GraphParts {
  readonly name?: string | undefined;
  readonly nodes: readonly NodeProto[];
  readonly inputs?: readonly ValueInfoProto[] | undefined;
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers?: readonly TensorProto[] | undefined;
}

export const graph = ({ name = "graph", nodes, inputs = [], outputs, initializers = [] }: GraphParts): GraphProto =>
  create(GraphProtoSchema, { name, node: [...nodes], input: [...inputs], output: [...outputs], initializer: [...initializers] });

export interface ModelOptions {
  readonly opset?: number | undefined;
  /** Versions of further sets of operators, such as `com.microsoft`. */
  readonly domains?: Readonly<Record<string, number>> | undefined;
  readonly irVersion?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

export function model(main: GraphProto, { opset = 21, domains = {}, irVersion = 10, metadata = {} }: ModelOptions = {}): ModelProto {
  const sets = [["", opset] as const, ...Object.entries(domains)];
  return create(ModelProtoSchema, {
    irVersion: BigInt(irVersion), producerName: "inferno", graph: main,
    opsetImport: sets.map(([domain, version]) => create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) })),
    metadataProps: Object.entries(metadata).map(([key, entry]) => create(StringStringEntryProtoSchema, { key, value: entry })),
  });
}

/** The file's bytes: of models that were built, not of models that were read, whose weights lie elsewhere. */
export const modelBytes = (message: ModelProto): Uint8Array<ArrayBuffer> => toBinary(ModelProtoSchema, message);
