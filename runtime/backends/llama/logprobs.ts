import type { TokenLogprob } from "../backend.ts";

/** Log-softmax of the raw logits for one token and for the `count` most likely ones, best first (lower id first among equals). */
export function tokenLogprobs(logits: Float32Array, token: number, count: number): { logprob: number; top: TokenLogprob[] } {
  const normalizer = logSumExp(logits);
  const top = largest(logits, count).map((id) => ({ id, logprob: at(logits, id) - normalizer }));
  return { logprob: at(logits, token) - normalizer, top };
}

/**
 * log Σ exp(x), with the maximum taken out first: exp(89) already overflows a 32-bit float and logits above that occur.
 * Counting loops, because `for … of` over a typed array takes twice as long, and a vocabulary has 150,000 logits.
 */
export function logSumExp(values: Float32Array): number {
  let maximum = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = at(values, index);
    if (value > maximum) maximum = value;
  }
  if (maximum === -Infinity) return -Infinity;
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += expOfNegative(at(values, index) - maximum);
  return maximum + Math.log(sum);
}

/** Steps of the table below, and how far down it goes: e⁻⁴⁰ of 150,000 tokens is less than a double can add to 1. */
const steps = 64;
const lowest = -40;
const table = Float64Array.from({ length: -lowest * steps + 1 }, (_, index) => Math.exp(-index / steps));

/** exp(x) for x ≤ 0 to ten digits: the next larger step from the table times a short series. Three times as fast as Math.exp. */
function expOfNegative(x: number): number {
  if (!(x > lowest)) return 0;
  const index = Math.trunc(-x * steps);
  const rest = x + index / steps;
  return (table[index] ?? 0) * (1 + rest * (1 + rest * (1 / 2 + rest * (1 / 6 + rest / 24))));
}

/** Indices of the `count` largest values. One pass with a short sorted list: a sort of 150,000 logits would cost more than a decode step. */
export function largest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  if (count <= 0) return best;
  let threshold = -Infinity;
  let full = false;
  for (let index = 0; index < values.length; index += 1) {
    const value = at(values, index);
    if (full && !(value > threshold)) continue;
    let place = best.length;
    while (place > 0 && at(values, best[place - 1] ?? 0) < value) place -= 1;
    best.splice(place, 0, index);
    if (best.length > count) best.pop();
    full = best.length === count;
    threshold = at(values, best.at(-1) ?? 0);
  }
  return best;
}

const at = (values: Float32Array, index: number): number => values[index]!;
