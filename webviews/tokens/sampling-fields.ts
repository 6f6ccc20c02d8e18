import type { ForkSampling } from "../../protocol/panels/tokens.ts";

/** A setting that a branch may change, and what it may be. */
export interface ForkField {
  readonly name: keyof ForkSampling;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

export const forkFields: readonly ForkField[] = [
  { name: "temperature", min: 0, max: 2, whole: false },
  { name: "top_p", min: 0, max: 1, whole: false },
  { name: "top_k", min: 0, max: 100_000, whole: true },
  { name: "min_p", min: 0, max: 1, whole: false },
  { name: "seed", min: 0, max: 0xffff_ffff, whole: true },
];

/** What was typed into the fields; null when one of them is no value. An empty one changes nothing. */
export function readSampling(typed: Readonly<Partial<Record<keyof ForkSampling, string>>>): ForkSampling | null {
  const sampling: { -readonly [Name in keyof ForkSampling]: number } = {};
  for (const field of forkFields) {
    const text = (typed[field.name] ?? "").trim();
    if (text === "") continue;
    if (!isValue(field, text)) return null;
    sampling[field.name] = Number(text.replace(",", "."));
  }
  return sampling;
}

/** A decimal comma is a comma that somebody's keyboard has. */
export function isValue({ min, max, whole }: ForkField, text: string): boolean {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && value >= min && value <= max && (!whole || Number.isInteger(value));
}
