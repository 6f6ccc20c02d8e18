import { eachRun, type ChannelView } from "./channels.ts";

/** `value ≈ quantized * scale`, a scale for each channel. */
export interface SymmetricInt8 {
  readonly quantized: Int8Array<ArrayBuffer>;
  readonly scales: Float32Array<ArrayBuffer>;
}

/** Below this single precision has fewer digits, down to none: values that small are zero, with any step. */
export const leastStep = 2 ** -126;

/** The step that maps `range` to `levels`, in the precision in which it is stored. */
export function stepOf(range: number, levels: number): number {
  const step = Math.fround(range / levels);
  return step >= leastStep && Number.isFinite(step) ? step : 1;
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/**
 * -limit … limit. A limit of 63 (7 bits) is for processors without VNNI instructions: there the engine adds two products in 16 bits,
 * which saturates at 2 × 255 × 127.
 */
export function symmetricInt8(values: Float32Array, view: ChannelView, limit: 63 | 127 = 127): SymmetricInt8 {
  const largest = new Float32Array(view.channels);
  eachRun(view, (channel, start, end) => {
    for (let i = start; i < end; i += 1) largest[channel] = Math.max(largest[channel]!, Math.abs(values[i]!));
  });
  const scales = largest.map((magnitude) => stepOf(magnitude, limit));
  const quantized = new Int8Array(values.length);
  eachRun(view, (channel, start, end) => {
    const scale = scales[channel]!;
    for (let i = start; i < end; i += 1) quantized[i] = clamp(Math.round(values[i]! / scale), -limit, limit);
  });
  return { quantized, scales };
}

/** The 256 levels that cover a range, widened so that it holds zero exactly: padding and ReLU make many of them. */
export function uint8Grid(low: number, high: number): { readonly scale: number; readonly zeroPoint: number } {
  const [from, to] = [Math.min(low, 0), Math.max(high, 0)];
  const scale = stepOf(to - from, 255);
  return { scale, zeroPoint: clamp(Math.round(-from / scale), 0, 255) };
}

/** What the engine computes with: `(quantized - zero point) * scale`. */
export function dequantize(
  quantized: ArrayLike<number>, scales: ArrayLike<number>, zeroPoints: ArrayLike<number> | null, view: ChannelView,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(quantized.length);
  eachRun(view, (channel, start, end) => {
    const [scale, zero] = [scales[channel]!, zeroPoints?.[channel] ?? 0];
    for (let i = start; i < end; i += 1) values[i] = (quantized[i]! - zero) * scale;
  });
  return values;
}
