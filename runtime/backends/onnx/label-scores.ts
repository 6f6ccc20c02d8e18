import type { Label } from "../../../protocol/infer.ts";
import { finite } from "./float-values.ts";

/** `none`: the graph's outputs are scores already. */
export type Activation = "softmax" | "sigmoid" | "none";

/** Scores of `count` logits from `offset`. Throws `inference_failed` for what is no number. */
export function activate(logits: Float32Array, offset: number, count: number, activation: Activation): Float32Array {
  return finite(scoresOf(logits, offset, count, activation), "scores");
}

function scoresOf(logits: Float32Array, offset: number, count: number, activation: Activation): Float32Array {
  const values = logits.slice(offset, offset + count);
  if (activation === "sigmoid") return values.map((value) => 1 / (1 + Math.exp(-value)));
  if (activation === "none") return values;
  // Less the greatest, or a logit of 100 would be infinite.
  const greatest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const powers = values.map((value) => Math.exp(value - greatest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The best labels, best first; `top` null for all. */
export function bestLabels(scores: Float32Array, labels: readonly string[], top: number | null): Label[] {
  return labels.map((label, index) => ({ label, score: scores[index] ?? 0 })).sort((a, b) => b.score - a.score).slice(0, top ?? labels.length);
}
