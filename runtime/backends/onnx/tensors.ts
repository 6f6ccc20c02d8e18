import { halfToNumber } from "../../../base/half.ts";
import { assert } from "../../../base/assert.ts";
import { InfernoError } from "../../../protocol/errors.ts";
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

const int64Range = [-(2n ** 63n), 2n ** 63n - 1n] as const;

/** Numbers as int64. Throws `tensor_mismatch` for one that is not whole or does not fit: a graph would look up another row for it. */
export function int64From(numbers: readonly (number | bigint)[], shape: readonly number[]): Tensor<"int64"> {
  const data = BigInt64Array.from(numbers, (number) => {
    const exact = typeof number === "bigint" || Number.isSafeInteger(number) ? BigInt(number) : null;
    if (exact !== null && exact >= int64Range[0] && exact <= int64Range[1]) return exact;
    throw new InfernoError("tensor_mismatch", `${number} is no int64.`);
  });
  return int64(data, shape);
}

/** Values as floats, copied only where they are of another type; int64 beyond 2⁵³ loses digits. */
export function floatsOf({ type, data }: Tensor): Float32Array {
  switch (type) {
    case "float32": return data;
    case "float16": return Float32Array.from(data, halfToNumber);
    case "int64": case "uint64": return Float32Array.from(data, Number);
    case "string": throw new InfernoError("manifest_invalid", "The graph gives texts where numbers are expected.");
    default: return Float32Array.from(data);
  }
}

/** One row of the first dimension; shares memory where it can. */
export function rowOf(tensor: Tensor, index: number): Tensor {
  const shape = tensor.shape.slice(1);
  const size = sizeOf(shape);
  assert(index >= 0 && index < (tensor.shape[0] ?? 0), `row ${index} of ${describe(tensor.type, tensor.shape)}`);
  const [start, end] = [index * size, (index + 1) * size];
  const data = tensor.type === "string" ? tensor.data.slice(start, end) : tensor.data.subarray(start, end);
  // Each type's values stay of that type, which the compiler cannot follow through the union.
  return { type: tensor.type, shape, data } as Tensor;
}

/** Rows of one shape as a batch: `[rows, …shape]`. */
export function stackFloats(rows: readonly Float32Array[], shape: readonly number[]): Tensor<"float32"> {
  const size = sizeOf(shape);
  const data = new Float32Array(rows.length * size);
  for (const [index, row] of rows.entries()) {
    assert(row.length === size, `a row of ${row.length} values in a batch of rows of ${size}`);
    data.set(row, index * size);
  }
  return float32(data, [rows.length, ...shape]);
}
