import type { DebugAction, DebugState } from "../../../protocol/api/debug.ts";
import { expressionNames } from "../../../protocol/debugger.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Translate } from "../../translate.ts";
import { branchNumbered, unquoted } from "./scopes.ts";
import { branchName, quoted } from "./token-lines.ts";

/** What a person typed into the debug console: a change, a text to print, or null for an expression. */
export type Typed = { readonly action: Extract<DebugAction, { do: "fork" | "select" }> } | { readonly print: string } | null;

const commands = ["fork", "branches", "select", "help"] as const;

export function readConsole(line: string, state: DebugState, t: Translate): Typed {
  const [, command, rest = ""] = /^\s*(fork|branches|select|help)(?:\s+(.*))?$/s.exec(line) ?? [];
  switch (command) {
    case "fork": return { action: forkOf(rest.trim(), state, t) };
    case "select": return { action: { do: "select", trace: branchNumbered(state, rest, t) } };
    case "branches": return { print: state.branches.map((_, at) => branchLine(state, at)).join("\n") };
    case "help": return { print: t("fork \"text\" or fork ID: another token in place of this one; branches: what there is; select N: go to a branch; anything else is an expression.") };
    default: return null;
  }
}

/** A text in quotes, or a token's id. */
function forkOf(what: string, { at }: DebugState, t: Translate): Extract<DebugAction, { do: "fork" }> {
  if (at.token === null) throw new InfernoError("debug_impossible", t("No token has been chosen yet."));
  if (what === "") throw new InfernoError("invalid_request", t("Say what to take in this token's place: fork \" moon\" or fork 123."));
  return { do: "fork", token: at.token, ...(/^\d+$/.test(what) ? { choose: Number(what) } : { text: unquoted(what) }) };
}

function branchLine(state: DebugState, at: number): string {
  const branch = state.branches[at];
  if (branch === undefined) return "";
  return `${branch.trace === state.at.trace ? "*" : " "} ${at + 1}  ${branchName(state, branch.trace)}  ${quoted(branch.text)}`;
}

export interface Completion {
  readonly label: string;
  readonly type: "keyword" | "variable" | "function";
  /** Column, from 0, at which the text that it replaces begins. */
  readonly start: number;
  readonly length: number;
}

/** What fits at a column, from 0. Commands only stand at the beginning. */
export function completionsOf(text: string, column: number): readonly Completion[] {
  const [word = ""] = /[a-z_]*$/i.exec(text.slice(0, column)) ?? [];
  const start = column - word.length;
  const place = { start, length: word.length };
  const names = expressionNames.map((label): Completion => ({ label, type: label === "found" ? "function" : "variable", ...place }));
  const words = text.slice(0, start).trim() === "" ? commands.map((label): Completion => ({ label, type: "keyword", ...place })) : [];
  return [...words, ...names].filter(({ label }) => label.startsWith(word));
}
