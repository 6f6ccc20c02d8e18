import type { Observation } from "../backends/onnx/lab/questions.ts";

export const rangeMethods = ["min-max", "percentile", "entropy"] as const;
/** How the range of a value is taken from what was seen of it. */
export type RangeMethod = (typeof rangeMethods)[number];

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Share of the values that may lie outside, on both sides together. */
const cutOff = 1e-4;
const levels = 256;
const steps = 64;

/**
 * `min-max` clips nothing seen, `percentile` the outermost values, `entropy` as many as leave the distribution most like itself:
 * fewer values clipped, but coarser levels for all others.
 */
export function rangeOf({ low, high, histogram }: Observation, method: RangeMethod): Range {
  if (method === "min-max" || histogram.length === 0 || !(high > low)) return { low, high };
  const at = (edge: number): number => low + ((high - low) * edge) / histogram.length;
  const [first, last] = method === "percentile" ? percentile(histogram) : entropy(histogram, low, high);
  return { low: at(first), high: at(last) };
}

/** Edges of the bins that hold all but the outermost values. */
function percentile(histogram: Float64Array): [number, number] {
  const most = (histogram.reduce((sum, count) => sum + count, 0) * cutOff) / 2;
  let [first, last, below, above] = [0, histogram.length, 0, 0];
  while (first < last - 1 && below + histogram[first]! <= most) below += histogram[first++]!;
  while (last > first + 1 && above + histogram[last - 1]! <= most) above += histogram[--last]!;
  return [first, last];
}

/** Draws the end that is farther from zero in, then both, and takes where the divergence of what is left is least. */
function entropy(histogram: Float64Array, low: number, high: number): [number, number] {
  const bins = histogram.length;
  const zero = Math.max(0, Math.min(bins, (-low / (high - low)) * bins));
  const reach = Math.max(zero, bins - zero);
  let best: [number, number] = [0, bins];
  let least = Infinity;
  for (let step = 1; step <= steps; step += 1) {
    const share = step / steps;
    const [first, last] = [Math.max(0, Math.floor(zero - reach * share)), Math.min(bins, Math.ceil(zero + reach * share))];
    if (last - first < levels) continue;
    const divergence = divergenceOf(histogram, first, last);
    if (divergence < least) [least, best] = [divergence, [first, last]];
  }
  return best;
}

/** Kullback-Leibler divergence of the distribution, with what lies outside added to the ends, from itself in 256 levels. */
function divergenceOf(histogram: Float64Array, first: number, last: number): number {
  const clipped = histogram.slice(first, last);
  const kept = histogram.slice(first, last);
  for (let bin = 0; bin < first; bin += 1) clipped[0]! += histogram[bin]!;
  for (let bin = last; bin < histogram.length; bin += 1) clipped[clipped.length - 1]! += histogram[bin]!;
  const total = clipped.reduce((sum, count) => sum + count, 0);
  const keptTotal = kept.reduce((sum, count) => sum + count, 0);
  const width = kept.length / levels;
  let divergence = 0;
  for (let level = 0; level < levels; level += 1) {
    const [from, to] = [Math.floor(level * width), Math.floor((level + 1) * width)];
    let [count, filled] = [0, 0];
    for (let bin = from; bin < to; bin += 1) {
      count += kept[bin]!;
      if (clipped[bin]! > 0) filled += 1;
    }
    // A bin that only holds what was clipped has no counterpart: a small chance stands for none.
    const share = filled === 0 || keptTotal === 0 ? 0 : count / filled / keptTotal;
    for (let bin = from; bin < to; bin += 1) {
      const p = clipped[bin]! / total;
      if (p > 0) divergence += p * Math.log(p / Math.max(share, 1e-12));
    }
  }
  return divergence;
}
