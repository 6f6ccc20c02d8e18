import type { DebugBreakpoint } from "../../protocol/api/debug.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Branch } from "./branch.ts";
import { parseCondition, patternOf } from "./expressions.ts";
import { viewOf, type TokenView } from "./token-view.ts";

/** Of longer answers only so much of the end is searched for a match. */
const searched = 1000;
/** Characters of all patterns of a session, each of which is followed through that text for every character of a token. */
const longestPatterns = 2000;

type Test = (view: TokenView, branch: Branch) => boolean;

/** The conditions at which a session stops. */
export class Breakpoints {
  readonly all: readonly DebugBreakpoint[];
  readonly #tests: readonly Test[];

  /** Throws `invalid_request` for a pattern or an expression that cannot be read. */
  constructor(all: readonly DebugBreakpoint[]) {
    this.all = all;
    const patterns = all.reduce((sum, breakpoint) => sum + (breakpoint.kind === "text" ? breakpoint.pattern.length : 0), 0);
    if (patterns > longestPatterns) throw new InfernoError("invalid_request", `breakpoints: their patterns have ${patterns} characters together; at most ${longestPatterns} are searched for.`, { param: "breakpoints" });
    this.#tests = all.map(testOf);
  }

  /** Numbers of those that stop at this token. */
  hits(branch: Branch, token: number): number[] {
    if (this.all.length === 0) return [];
    const view = viewOf(branch, token);
    return view === undefined ? [] : this.#tests.flatMap((test, index) => (test(view, branch) ? [index] : []));
  }
}

function testOf(breakpoint: DebugBreakpoint): Test {
  switch (breakpoint.kind) {
    case "text": return completes(breakpoint.pattern);
    case "token": return ({ id }) => id === BigInt(breakpoint.id);
    case "probability": return ({ probability }) => probability < breakpoint.below;
    case "entropy": return ({ entropy }) => entropy > breakpoint.above;
    case "latency": return ({ latency_ms: latency }) => latency > breakpoint.aboveMs;
    case "tool_call": return begins(breakpoint.name);
    case "grammar_dead_end": return ({ dead_end: deadEnd }) => deadEnd;
    case "truncation": return isTruncated;
    case "expression": return parseCondition(breakpoint.expression);
    default: return breakpoint satisfies never;
  }
}

/** A match ends in this very token: the text may be full of earlier ones. */
function completes(source: string): Test {
  patternOf(source);
  const ending = patternOf(`(?:${source})$`);
  return ({ text, piece, is_end: isEnd }) => !isEnd && Array.from({ length: piece.length }, (_, index) => text.length - index)
    .some((end) => ending.test(text.slice(Math.max(0, end - searched), end)));
}

/** The token with which a call begins. */
function begins(name: string | undefined): Test {
  return ({ tool_call: call, index }, branch) => call !== "" && (name === undefined || call === name) && (branch.row(Number(index) - 1)?.call ?? "") !== call;
}

const isTruncated: Test = ({ index }, branch) => branch.over === "length" && Number(index) === branch.tokens - 1;
