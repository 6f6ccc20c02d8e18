import type { DebugReplay, DebugState } from "../../../protocol/api/debug.ts";
import type { Translate } from "../../translate.ts";
import type { Entry, ExceptionFilter } from "./breakpoint-table.ts";
import type { Stop } from "./debuggee.ts";

export interface StopText {
  /** As the protocol names it. */
  readonly reason: string;
  readonly description: string;
  /** Of an exception: what happened. */
  readonly text?: string;
}

export function exceptionText(filter: ExceptionFilter, t: Translate): string {
  switch (filter) {
    case "truncation": return t("The answer was cut off: it ran out of tokens or of context.");
    case "low_confidence": return t("A token of low probability was chosen.");
    case "grammar_dead_end": return t("The grammar refused what the samplers chose, or allowed no token.");
    default: return filter satisfies never;
  }
}

/** Why it stands, for the editor and for a person. */
export function stopText({ state, hits }: Stop, t: Translate): StopText {
  const exception = hits.find((hit): hit is Entry & { readonly filter: ExceptionFilter } => hit.filter !== undefined);
  if (exception !== undefined) {
    const text = exceptionText(exception.filter, t);
    return { reason: "exception", description: text, text };
  }
  switch (state.reason) {
    case "entry": return { reason: "entry", description: t("At the first token") };
    case "step": return { reason: "step", description: t("After a step") };
    case "breakpoint": return hits.some(({ kind }) => kind === "line") ? { reason: "breakpoint", description: t("At a breakpoint") } : { reason: "function breakpoint", description: t("A condition holds") };
    case "pause": return { reason: "pause", description: t("Paused") };
    case "goto": return { reason: "goto", description: t("At the token that was asked for") };
    case "fork": return { reason: "goto", description: t("In a new branch") };
    case "select": return { reason: "goto", description: t("In another branch") };
    case "end": return { reason: "end", description: endText(state, t) };
    default: return state.reason satisfies never;
  }
}

function endText({ branches, at }: DebugState, t: Translate): string {
  const branch = branches.find(({ trace }) => trace === at.trace);
  return branch?.error ? branch.error.error.message : t("The answer is over ({0})", branch?.over ?? "");
}

/** How a replay went, once there is something to say. */
export function replayText(replay: DebugReplay, t: Translate): string {
  if (replay.firstDifference !== null) return t("Replay: token {0} is another one than was recorded; from here on it is a run of its own.", replay.firstDifference);
  return replay.exact ? t("Replay: all {0} tokens are as recorded, their probabilities to the bit.", replay.compared) : t("Replay: {0} tokens are as recorded, but not all probabilities to the bit.", replay.compared);
}
