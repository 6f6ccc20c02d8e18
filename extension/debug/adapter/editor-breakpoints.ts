import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Translate } from "../../translate.ts";
import { parseBreakpoint } from "./breakpoint-syntax.ts";
import type { Draft, ExceptionFilter } from "./breakpoint-table.ts";
import { exceptionText } from "./stop-text.ts";

const defaultThreshold = 0.1;

/** The exceptions of the Breakpoints view. */
export function exceptionFilters(t: Translate): DebugProtocol.ExceptionBreakpointsFilter[] {
  const filter = (id: ExceptionFilter, label: string, more: Partial<DebugProtocol.ExceptionBreakpointsFilter> = {}): DebugProtocol.ExceptionBreakpointsFilter => ({ filter: id, label, description: exceptionText(id, t), ...more });
  return [
    filter("truncation", t("Cut-off answers"), { default: true }),
    filter("grammar_dead_end", t("Grammar dead ends"), { default: true }),
    filter("low_confidence", t("Low confidence"), { supportsCondition: true, conditionDescription: t("Probability below which to stop, such as 0.2. Without one: {0}.", defaultThreshold) }),
  ];
}

export function exceptionDraft({ filterId, condition }: DebugProtocol.ExceptionFilterOptions, t: Translate): Draft {
  if (filterId === "truncation" || filterId === "grammar_dead_end") return { kind: "exception", filter: filterId, breakpoint: { kind: filterId } };
  if (filterId !== "low_confidence") return { kind: "exception", breakpoint: null, error: t("There is no such exception.") };
  const below = condition === undefined || condition.trim() === "" ? defaultThreshold : Number(condition.replace(/^\s*(?:probability)?\s*</, ""));
  const valid = below > 0 && below <= 1;
  return { kind: "exception", filter: filterId, breakpoint: valid ? { kind: "probability", below } : null, ...(valid ? {} : { error: t("A probability is between 0 and 1.") }) };
}

export function functionDraft({ name, condition }: DebugProtocol.FunctionBreakpoint, t: Translate): Draft {
  const parsed = parseBreakpoint(name, t);
  if ("error" in parsed) return { kind: "function", breakpoint: null, error: parsed.error };
  const { breakpoint } = parsed;
  if (condition === undefined || condition.trim() === "") return { kind: "function", breakpoint };
  if (breakpoint.kind !== "expression") return { kind: "function", breakpoint: null, error: t("Only an expression takes a condition beside it.") };
  return { kind: "function", breakpoint: { kind: "expression", expression: `(${breakpoint.expression}) && (${condition})` } };
}

/** A line of a branch's document: the token with this number. */
export function lineDraft(uri: string, line: number, condition: string | undefined): Draft {
  const at = `index == ${line}`;
  const expression = condition === undefined || condition.trim() === "" ? at : `${at} && (${condition})`;
  return { kind: "line", uri, breakpoint: { kind: "expression", expression } };
}
