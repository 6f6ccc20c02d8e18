import type { PlaygroundSampling } from "../../protocol/panels/playground.ts";

/** One setting of the sampler, as its field in the form needs it. */
export interface SamplingField {
  readonly name: keyof PlaygroundSampling;
  readonly label: string;
  readonly meaning: string;
  /** Shown while the field is empty: what then applies. */
  readonly placeholder: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly whole: boolean;
}

const field = (name: keyof PlaygroundSampling, label: string, placeholder: string, [min, max, step]: readonly [number, number, number], meaning: string): SamplingField => ({
  name, label, placeholder, min, max, step, whole: step === 1, meaning,
});

/** Bounds as in the API (protocol/api/openai.ts), meanings in the reader's words. */
export const samplingForm: readonly SamplingField[] = [
  field("temperature", "Temperature", "default", [0, 2, 0.1], "Randomness. 0 always takes the most likely token."),
  field("top_p", "Top P", "default", [0, 1, 0.05], "Choose among the likeliest tokens that together reach this probability. 1 is off."),
  field("top_k", "Top K", "default", [0, 1000, 1], "Choose among this many of the likeliest tokens. 0 is off."),
  field("min_p", "Min P", "default", [0, 1, 0.01], "Drop tokens less likely than this share of the best one. 0 is off."),
  field("seed", "Seed", "random", [0, 0xffff_ffff, 1], "The same seed, conversation and settings give the same answer."),
  field("max_tokens", "Max tokens", "default", [1, 1_000_000, 1], "The answer ends after this many tokens."),
];

/** What was typed into a field: a value, nothing (the default applies), or something that the API would refuse. */
export type Typed = { readonly type: "value"; readonly value: number } | { readonly type: "empty" } | { readonly type: "invalid" };

export function readField({ min, max, whole, name }: SamplingField, text: string): Typed {
  const trimmed = text.trim();
  if (trimmed === "") return { type: "empty" };
  const value = Number(trimmed);
  const fits = Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value)) && !(name === "top_p" && value === 0);
  return fits ? { type: "value", value } : { type: "invalid" };
}
