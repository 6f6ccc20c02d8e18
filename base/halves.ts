import { halfToNumber, numberToHalf } from "./half.ts";

/** Weights in half precision, whose largest number is 65504. */
export interface Halves {
  readonly bits: Uint16Array<ArrayBuffer>;
  /** Finite values too large for a half; stored as ±65504, for one infinity spoils every sum it is in. */
  readonly overflowed: number;
  /** Values other than 0 that became 0. */
  readonly vanished: number;
}

/** From here on the nearest half would be infinite. */
const overflowsAt = 65_520;

export function toHalves(values: Float32Array): Halves {
  const bits = new Uint16Array(values.length);
  let [overflowed, vanished] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (Math.abs(value) >= overflowsAt && Number.isFinite(value)) {
      overflowed += 1;
      bits[i] = value > 0 ? 0x7bff : 0xfbff;
    } else {
      bits[i] = numberToHalf(value);
      if (value !== 0 && (bits[i]! & 0x7fff) === 0) vanished += 1;
    }
  }
  return { bits, overflowed, vanished };
}

export const fromHalves = (bits: Uint16Array): Float32Array<ArrayBuffer> => Float32Array.from(bits, halfToNumber);
