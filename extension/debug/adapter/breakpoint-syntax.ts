import type { DebugBreakpoint } from "../../../protocol/api/debug.ts";
import type { Translate } from "../../translate.ts";

export type ParsedBreakpoint = { readonly breakpoint: DebugBreakpoint } | { readonly error: string };

const comparison = /^(probability|entropy|latency)\s*([<>])\s*(\d+(?:\.\d+)?(?:e-?\d+)?)\s*(ms)?$/i;

/** A function breakpoint's name: one of the short forms of docs/guides/debug-adapter.md, else an expression, which the daemon reads. */
export function parseBreakpoint(source: string, t: Translate): ParsedBreakpoint {
  const text = source.trim();
  if (text === "") return { error: t("A breakpoint needs a condition.") };
  if (text === "grammar_dead_end" || text === "truncation" || text === "tool_call") return { breakpoint: { kind: text } };
  const compared = comparison.exec(text);
  if (compared !== null) return ofComparison(compared, text, t);
  const [, prefix, rest = ""] = /^(text|token|tool_call)\s*:(.*)$/s.exec(text) ?? [];
  if (prefix === undefined) return text.length > 1000 ? { error: t("The expression is longer than 1000 characters.") } : { breakpoint: { kind: "expression", expression: text } };
  return prefixed[prefix as keyof typeof prefixed](rest.trim(), t);
}

/** What the forms do not say the right way round is left to the expression language, which can say all of it. */
function ofComparison([, name = "", sign, digits, unit]: RegExpExecArray, text: string, t: Translate): ParsedBreakpoint {
  const value = Number(digits);
  if (name === "probability" && sign === "<" && unit === undefined) {
    return value <= 1 ? { breakpoint: { kind: "probability", below: value } } : { error: t("A probability is between 0 and 1.") };
  }
  if (name === "entropy" && sign === ">" && unit === undefined) return { breakpoint: { kind: "entropy", above: value } };
  if (name === "latency" && sign === ">") return { breakpoint: { kind: "latency", aboveMs: value } };
  if (name === "latency" || unit !== undefined) return { error: t("Write probability<0.2, entropy>2 or latency>50ms.") };
  return { breakpoint: { kind: "expression", expression: /[.e]/i.test(digits ?? "") ? text : `${text}.0` } };
}

const prefixed = {
  text: (rest: string, t: Translate): ParsedBreakpoint => {
    const [, pattern] = /^\/(.+)\/$/s.exec(rest) ?? [];
    if (pattern === undefined) return { error: t("Write the pattern between slashes: text:/sun|moon/") };
    return pattern.length > 1000 ? { error: t("The pattern is longer than 1000 characters.") } : { breakpoint: { kind: "text", pattern } };
  },
  token: (rest: string, t: Translate): ParsedBreakpoint => {
    const id = Number(rest);
    return /^\d+$/.test(rest) && Number.isSafeInteger(id) ? { breakpoint: { kind: "token", id } } : { error: t("A token is given by its number: token:123") };
  },
  tool_call: (rest: string, t: Translate): ParsedBreakpoint => {
    if (rest === "" || rest.length > 200) return { error: t("Give the function's name, or leave the colon away: tool_call:search") };
    return { breakpoint: { kind: "tool_call", name: rest } };
  },
} as const;
