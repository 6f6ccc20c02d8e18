import type { TensorType } from "../../../protocol/infer.ts";

/** The values of each type as they lie in memory. `float16` is its bits, `bool` 0 and 1. */
export interface TensorValues {
  readonly float32: Float32Array;
  readonly float16: Uint16Array;
  readonly float64: Float64Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly int64: BigInt64Array;
  readonly uint64: BigUint64Array;
  readonly bool: Uint8Array;
  readonly string: readonly string[];
}

/** Dense, row-major. Narrows by `type`. */
export type Tensor<T extends TensorType = TensorType> = { [K in T]: { readonly type: K; readonly shape: readonly number[]; readonly data: TensorValues[K] } }[T];
export type Tensors = Readonly<Record<string, Tensor>>;

export const float32 = (data: Float32Array, shape: readonly number[]): Tensor<"float32"> => ({ type: "float32", data, shape });
export const int64 = (data: BigInt64Array, shape: readonly number[]): Tensor<"int64"> => ({ type: "int64", data, shape });
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
/** As messages show it: `float32 [1, tokens, 384]`. */
export const describe = (type: TensorType, shape: readonly (number | string)[]): string => `${type} [${shape.map((size) => (size === "" ? "?" : size)).join(", ")}]`;
