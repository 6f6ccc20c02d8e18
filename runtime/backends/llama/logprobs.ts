import type { TokenLogprob } from "../backend.ts";

/** Log-softmax of the raw logits for one token and for the `count` most likely ones, best first (lower id first among equals). */
export function tokenLogprobs(logits: Float32Array, token: number, count: number): { logprob: number; top: TokenLogprob[] } {
  const normalizer = logSumExp(logits);
  const top = largest(logits, count).map((id) => ({ id, logprob: at(logits, id) - normalizer }));
  return { logprob: at(logits, token) - normalizer, top };
}

/** log Σ exp(x), with the maximum taken out first: exp(89) already overflows a 32-bit float and logits above that occur. */
export function logSumExp(values: Float32Array): number {
  let maximum = -Infinity;
  for (const value of values) if (value > maximum) maximum = value;
  if (maximum === -Infinity) return -Infinity;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - maximum);
  return maximum + Math.log(sum);
}

/** Indices of the `count` largest values. One pass with a short sorted list: a sort of 150,000 logits would cost more than a decode step. */
export function largest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  if (count <= 0) return best;
  let threshold = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = at(values, index);
    if (best.length === count && !(value > threshold)) continue;
    let place = best.length;
    while (place > 0 && at(values, best[place - 1] ?? 0) < value) place -= 1;
    best.splice(place, 0, index);
    if (best.length > count) best.pop();
    threshold = at(values, best.at(-1) ?? 0);
  }
  return best;
}

const at = (values: Float32Array, index: number): number => values[index] ?? Number.NaN;
