/** IEEE 754 binary16, as 16 bits. Node has it as `Float16Array` from 24 on; editors run on 22. */

const scratch = new DataView(new ArrayBuffer(4));

export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Rounds to the nearest, ties to even; what is too large becomes an infinity. Rounds to 32 bits first. */
export function numberToHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const shifted = exponent - 112;
  if (shifted >= 0x1f) return sign | 0x7c00;
  // Below the smallest normal number the implicit one moves into the fraction.
  if (shifted <= 0) return shifted < -10 ? sign : sign | roundedShift(fraction | 0x800000, 14 - shifted);
  return sign | ((shifted << 10) + roundedShift(fraction, 13));
}

/** `value >> by`, rounded to nearest even. A carry goes into the exponent, which is right. */
function roundedShift(value: number, by: number): number {
  const kept = value >>> by;
  const rest = value & ((1 << by) - 1);
  const half = 1 << (by - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
