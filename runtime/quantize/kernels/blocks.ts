import { leastStep, stepOf } from "./int8.ts";

/**
 * Weights as `MatMulNBits` (com.microsoft) wants them. A [K, N] matrix is stored column by column; each column is cut into blocks of
 * `size` values with a scale of their own. Four-bit values lie two in a byte, the first in the low half.
 */
export interface BlockShape {
  readonly k: number;
  readonly n: number;
  readonly size: number;
  readonly bits: 4 | 8;
}

export interface Blocks {
  /** [N, blocks, size * bits / 8] */
  readonly data: Uint8Array<ArrayBuffer>;
  /** [N, blocks] */
  readonly scales: Float32Array<ArrayBuffer>;
  /** [N, blocks], packed like the data; null: the middle of the range. */
  readonly zeroPoints: Uint8Array<ArrayBuffer> | null;
}

export const blocksPerColumn = ({ k, size }: BlockShape): number => Math.ceil(k / size);
export const blobBytes = ({ size, bits }: BlockShape): number => (size * bits) / 8;
/** Bytes of a column's zero points. */
export const zeroBytes = (shape: BlockShape): number => Math.ceil((blocksPerColumn(shape) * shape.bits) / 8);

/** `columns` holds the matrix transposed, [N, K]. */
export function quantizeBlocks(columns: Float32Array, shape: BlockShape, symmetric: boolean): Blocks {
  const { k, n, size, bits } = shape;
  const perColumn = blocksPerColumn(shape);
  const [blob, zeroRow, middle, top] = [blobBytes(shape), zeroBytes(shape), 2 ** (bits - 1), 2 ** bits - 1];
  const data = new Uint8Array(n * perColumn * blob);
  const scales = new Float32Array(n * perColumn);
  const zeroPoints = symmetric ? null : new Uint8Array(n * zeroRow);
  for (let column = 0; column < n; column += 1) {
    for (let block = 0; block < perColumn; block += 1) {
      const start = column * k + block * size;
      const values = columns.subarray(start, Math.min(start + size, (column + 1) * k));
      const { scale, zero } = symmetric ? symmetricGrid(values, middle) : asymmetricGrid(values, top);
      const index = column * perColumn + block;
      scales[index] = scale;
      if (zeroPoints !== null) put(zeroPoints, column * zeroRow, block, zero, bits);
      // The last block of a column may be filled up: with the level that means 0.
      for (let i = 0; i < size; i += 1) {
        const level = i < values.length ? Math.max(0, Math.min(top, Math.round(values[i]! / scale) + zero)) : zero;
        put(data, index * blob, i, level, bits);
      }
    }
  }
  return { data, scales, zeroPoints };
}

/** Back to [N, K]. */
export function dequantizeBlocks({ data, scales, zeroPoints }: Blocks, shape: BlockShape): Float32Array<ArrayBuffer> {
  const { k, n, size, bits } = shape;
  const perColumn = blocksPerColumn(shape);
  const [blob, zeroRow, middle] = [blobBytes(shape), zeroBytes(shape), 2 ** (bits - 1)];
  const columns = new Float32Array(n * k);
  for (let column = 0; column < n; column += 1) {
    for (let i = 0; i < k; i += 1) {
      const block = Math.floor(i / size);
      const index = column * perColumn + block;
      const zero = zeroPoints === null ? middle : get(zeroPoints, column * zeroRow, block, bits);
      columns[column * k + i] = (get(data, index * blob, i - block * size, bits) - zero) * scales[index]!;
    }
  }
  return columns;
}

/** The value of largest magnitude becomes the lowest level: that side has one level more, and the scale may be negative. */
function symmetricGrid(values: Float32Array, middle: number): { scale: number; zero: number } {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(largest)) largest = value;
  const scale = Math.fround(largest / -middle);
  return { scale: Math.abs(scale) < leastStep ? 1 : scale, zero: middle };
}

function asymmetricGrid(values: Float32Array, top: number): { scale: number; zero: number } {
  let [low, high] = [0, 0];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const scale = stepOf(high - low, top);
  return { scale, zero: Math.max(0, Math.min(top, Math.round(-low / scale))) };
}

function put(bytes: Uint8Array, base: number, index: number, level: number, bits: 4 | 8): void {
  if (bits === 8) bytes[base + index] = level;
  else bytes[base + (index >> 1)]! |= level << (4 * (index & 1));
}

const get = (bytes: Uint8Array, base: number, index: number, bits: 4 | 8): number =>
  bits === 8 ? bytes[base + index]! : (bytes[base + (index >> 1)]! >> (4 * (index & 1))) & 15;
