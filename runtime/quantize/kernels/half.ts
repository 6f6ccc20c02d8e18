/** IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction bits; the largest number is 65504. */
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
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let [overflowed, vanished] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (Math.abs(value) >= overflowsAt && Number.isFinite(value)) {
      overflowed += 1;
      bits[i] = value > 0 ? 0x7bff : 0xfbff;
    } else {
      bits[i] = halfOfWord(words[i]!);
      if (value !== 0 && (bits[i]! & 0x7fff) === 0) vanished += 1;
    }
  }
  return { bits, overflowed, vanished };
}

/** Rounds a single precision number, given as its bits, to the nearest half, ties to even. */
function halfOfWord(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  const fraction = word & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const rebased = exponent - 112;
  if (rebased >= 31) return sign | 0x7c00;
  // A carry out of the fraction goes into the exponent, which is just what rounding up to the next power of two means.
  if (rebased > 0) return sign | (((rebased << 10) | (fraction >>> 13)) + roundUp(fraction, 13));
  if (rebased < -10) return sign;
  const whole = fraction | 0x800000;
  const shift = 14 - rebased;
  return sign | ((whole >>> shift) + roundUp(whole, shift));
}

/** 1 when the bits that `shift` drops are more than half of the last one kept, or just half of an odd one. */
function roundUp(word: number, shift: number): number {
  const [dropped, half] = [word & ((1 << shift) - 1), 1 << (shift - 1)];
  return dropped > half || (dropped === half && ((word >>> shift) & 1) === 1) ? 1 : 0;
}

export function fromHalves(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(bits, (half) => {
    const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023];
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

