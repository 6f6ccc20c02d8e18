import { finite } from "../float-values.ts";

/** What a line's time steps say. */
export interface ReadText {
  readonly text: string;
  /** Mean probability of its characters; 0 when there are none. */
  readonly score: number;
}

/**
 * Greedy CTC decoding: the likeliest class of each time step, repeats joined, blanks (class 0) dropped.
 * `scores` holds `steps` × classes from `offset`; `characters[class - 1]` is a class's text.
 * Throws InfernoError `inference_failed` when a character's score is infinite.
 */
export function readCtc(scores: Float32Array, offset: number, steps: number, characters: readonly string[]): ReadText {
  const classes = characters.length + 1;
  let text = "";
  let sum = 0;
  let count = 0;
  let before = 0;
  for (let step = 0; step < steps; step += 1) {
    const begin = offset + step * classes;
    let best = 0;
    let score = -Infinity;
    for (let index = 0; index < classes; index += 1) {
      const value = scores[begin + index] ?? 0;
      if (value > score) [best, score] = [index, value];
    }
    if (best !== 0 && best !== before) {
      text += characters[best - 1] ?? "";
      sum += finite(Float32Array.of(score), "scores")[0]!;
      count += 1;
    }
    before = best;
  }
  return { text, score: count === 0 ? 0 : sum / count };
}
