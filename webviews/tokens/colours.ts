import type { ChosenBy } from "../../protocol/trace-tokens.ts";
import { formatDuration, formatShare } from "../shared/format.ts";
import { probabilityOf, type Token } from "./conversation.ts";
import { strings } from "./strings.ts";

export const colourings = ["probability", "entropy", "time", "chosen", "reuse"] as const;
export type Colouring = (typeof colourings)[number];

/** Names of classes in the stylesheet: five steps of one scale, kinds of choice, and where a prompt token came from. */
export type Tint = "none" | "step-0" | "step-1" | "step-2" | "step-3" | "step-4" | "kind-a" | "kind-b" | "kind-c" | "kind-d" | "kind-e" | "reused" | "computed";

const steps = ["step-0", "step-1", "step-2", "step-3", "step-4"] as const;
const probabilities = [0.9, 0.6, 0.3, 0.1];
const entropies = [0.25, 0.75, 1.5, 2.5];
/** Against the median of the answer. */
const slownesses = [1.25, 2, 4, 8];

const kinds: Record<ChosenBy, Tint> = {
  greedy: "kind-a", draw: "kind-b", only: "kind-c", mirostat: "kind-b", adaptive_p: "kind-b", grammar: "kind-d", end: "kind-d", debugger: "kind-e",
};

const above = (value: number, bounds: readonly number[]): Tint => steps[bounds.filter((bound) => value > bound).length] ?? "none";

/** The tint of a token. Tokens of the prompt were not chosen, so only reuse tells them apart. */
export function tintOf({ choice, cached }: Token, colouring: Colouring, medianUs: number): Tint {
  if (colouring === "reuse") return choice !== null ? "none" : cached ? "reused" : "computed";
  if (choice === null) return "none";
  switch (colouring) {
    case "probability":
      return steps[probabilities.filter((bound) => probabilityOf(choice.logprob) < bound).length] ?? "none";
    case "entropy":
      return choice.entropy === null ? "none" : above(choice.entropy, entropies);
    case "time":
      return choice.tookUs === null || medianUs === 0 ? "none" : above(choice.tookUs / medianUs, slownesses);
    case "chosen":
      return kinds[choice.chosenBy];
  }
}

/** A colour and what it stands for. */
export interface LegendRow {
  readonly tint: Tint;
  readonly text: string;
}

export function legendOf(colouring: Colouring, medianUs: number): readonly LegendRow[] {
  switch (colouring) {
    case "probability":
      return steps.map((tint, at) => ({ tint, text: between(probabilities.map(formatShareShort), at, "≥", "<") }));
    case "entropy":
      return steps.map((tint, at) => ({ tint, text: between(entropies.map((bound) => `${bound} nats`), at, "≤", ">") }));
    case "time":
      return medianUs === 0 ? [] : steps.map((tint, at) => ({ tint, text: between(slownesses.map((bound) => formatDuration(bound * medianUs)), at, "≤", ">") }));
    case "chosen":
      return (["kind-a", "kind-b", "kind-c", "kind-d", "kind-e"] as const).map((tint) => ({ tint, text: strings.kinds[tint] }));
    case "reuse":
      return [{ tint: "reused", text: strings.fromCache }, { tint: "computed", text: strings.computed }];
  }
}

const formatShareShort = (share: number): string => formatShare(share).replace(".0", "");

/** The first four end at their bound, the last begins there. */
const between = (bounds: readonly string[], at: number, within: string, beyond: string): string => (at < bounds.length ? `${within} ${bounds[at]!}` : `${beyond} ${bounds.at(-1)!}`);

/** The middle of the times that tokens took; 0 without any. */
export function medianTook(tokens: readonly Token[]): number {
  const times = tokens.map(({ choice }) => choice?.tookUs ?? 0).filter((us) => us > 0).sort((a, b) => a - b);
  return times[times.length >>> 1] ?? 0;
}
