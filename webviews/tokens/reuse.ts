import type { Trace } from "../../protocol/trace.ts";
import { formatPlural } from "../shared/format.ts";
import { strings } from "./strings.ts";
import { quoted } from "./visible.ts";

/** What came from the cache, in sentences. */
export function reuseWords({ reuse, promptTokens }: Pick<Trace, "reuse" | "promptTokens">): readonly string[] {
  if (reuse === null) return [];
  const { differs } = reuse;
  const much = reuse.tokens === 0 ? strings.reuse.none(formatPlural(promptTokens, "prompt token")) : strings.reuse.tokens(formatPlural(reuse.tokens, "prompt token"), String(promptTokens), strings.reuse.sources[reuse.source]);
  const where = differs === null ? [] : [strings.reuse.differs(String(differs.position), quoted(differs.cached), quoted(differs.prompt), differs.cached === "" && differs.prompt === "")];
  return [much, strings.reuse.reasons[reuse.reason], ...where];
}

/** Two texts around the place where they stop being the same. */
export interface PromptDifference {
  /** The end of what they share. */
  readonly shared: string;
  readonly cutBefore: boolean;
  readonly earlier: string;
  readonly now: string;
  readonly cutEarlier: boolean;
  readonly cutNow: boolean;
}

const before = 60;
const behind = 160;

/** Null when the earlier text is the beginning of this one, whole: then nothing differs. */
export function promptDifference(earlier: string, now: string): PromptDifference | null {
  let at = 0;
  while (at < earlier.length && earlier[at] === now[at]) at++;
  if (at === earlier.length) return null;
  // Not between the halves of one character.
  if (at > 0 && /[\ud800-\udbff]/.test(now[at - 1]!)) at--;
  return {
    shared: now.slice(Math.max(0, at - before), at), cutBefore: at > before,
    earlier: earlier.slice(at, at + behind), cutEarlier: earlier.length > at + behind,
    now: now.slice(at, at + behind), cutNow: now.length > at + behind,
  };
}
