import { TensorProto_DataType as DataType } from "onnx-buf";

/** Element types of tensors, under the names that requests use, and their bits. Text has no fixed size. */
const table = {
  float32: [DataType.FLOAT, 32], float16: [DataType.FLOAT16, 16], bfloat16: [DataType.BFLOAT16, 16], float64: [DataType.DOUBLE, 64],
  int8: [DataType.INT8, 8], uint8: [DataType.UINT8, 8], int16: [DataType.INT16, 16], uint16: [DataType.UINT16, 16],
  int32: [DataType.INT32, 32], uint32: [DataType.UINT32, 32], int64: [DataType.INT64, 64], uint64: [DataType.UINT64, 64],
  int4: [DataType.INT4, 4], uint4: [DataType.UINT4, 4], int2: [DataType.INT2, 2], uint2: [DataType.UINT2, 2],
  bool: [DataType.BOOL, 8], string: [DataType.STRING, 0], complex64: [DataType.COMPLEX64, 64], complex128: [DataType.COMPLEX128, 128],
  float8e4m3fn: [DataType.FLOAT8E4M3FN, 8], float8e4m3fnuz: [DataType.FLOAT8E4M3FNUZ, 8], float8e5m2: [DataType.FLOAT8E5M2, 8],
  float8e5m2fnuz: [DataType.FLOAT8E5M2FNUZ, 8], float8e8m0: [DataType.FLOAT8E8M0, 8], float4e2m1: [DataType.FLOAT4E2M1, 4],
} as const satisfies Record<string, readonly [DataType, number]>;

export type ElementType = keyof typeof table;
export const elementTypes = Object.keys(table) as ElementType[];

const names = new Map<number, ElementType>(elementTypes.map((name) => [table[name][0], name]));

export const elementType = (dataType: number): ElementType | undefined => names.get(dataType);
export const dataType = (type: ElementType): DataType => table[type][0];
export const bitsOf = (type: ElementType): number => table[type][1];
/** Elements below eight bits share bytes, without gaps between rows; the last byte is filled up. */
export const byteLength = (type: ElementType, elements: number): number => Math.ceil((elements * bitsOf(type)) / 8);
