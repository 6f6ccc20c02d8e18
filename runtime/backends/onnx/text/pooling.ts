import { unreachable } from "../../../../base/assert.ts";

/** A text's tokens within a batch's output: `count` vectors of `size` numbers, beginning at `offset`. Padding comes behind them. */
export interface TokenVectors {
  readonly values: Float32Array;
  readonly offset: number;
  readonly count: number;
  readonly size: number;
}

/** One vector of a text's tokens; never a view of the batch, which may be used again. */
export function pool({ values, offset, count, size }: TokenVectors, how: "mean" | "cls" | "last"): Float32Array {
  const token = (index: number): Float32Array => values.slice(offset + index * size, offset + (index + 1) * size);
  switch (how) {
    case "cls": return token(0);
    case "last": return token(count - 1);
    case "mean": return mean(values, offset, count, size);
    default: return unreachable(how);
  }
}

function mean(values: Float32Array, offset: number, count: number, size: number): Float32Array {
  // In double precision: the sum of 512 tokens would lose digits in single.
  const sums = new Float64Array(size);
  for (let token = 0; token < count; token += 1) {
    const start = offset + token * size;
    for (let index = 0; index < size; index += 1) sums[index]! += values[start + index]!;
  }
  return Float32Array.from(sums, (sum) => sum / count);
}

/** Scales to length 1, in place. A vector of zeros has no direction and stays. */
export function toUnitLength(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  if (length === 0) return vector;
  for (let index = 0; index < vector.length; index += 1) vector[index]! /= length;
  return vector;
}
