import { Environment } from "@marcbachmann/cel-js";
import { Pattern } from "../../base/pattern/pattern.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { TokenView } from "./token-view.ts";

const variables = {
  index: "int", id: "int", piece: "string", text: "string", probability: "double", logprob: "double", entropy: "double", latency_ms: "double",
  chosen_by: "string", tool_call: "string", is_end: "bool", dead_end: "bool", batch: "int", cells: "int", top: "map<string, double>",
} as const satisfies Record<keyof TokenView, string>;

/** A condition may look at a hundred thousand tokens: what it may cost each time is bounded by its size. */
const limits = { maxAstNodes: 300, maxDepth: 30 };

const environment = Object.entries(variables)
  .reduce((built, [name, type]) => built.registerVariable(name, type), new Environment({ limits }))
  .registerFunction("found(string, string): bool", (text: string, pattern: string) => patternOf(pattern).test(text));

export interface Expression {
  /** CEL's name of what it gives. */
  readonly type: string;
  evaluate(view: TokenView): unknown;
}

/** Reads an expression of the Common Expression Language (cel.dev) over a token. Throws `invalid_request` that says what is wrong, and where. */
export function parseExpression(source: string): Expression {
  let parsed: ReturnType<typeof environment.parse>;
  try {
    parsed = environment.parse(source);
  } catch (error) {
    throw unreadable(source, messageOf(error));
  }
  // The language's own function has the browser's engine search, which some patterns keep busy for years.
  if (calls(parsed.ast, "matches")) throw unreadable(source, "`matches` is not offered; write found(text, \"…\"), whose patterns take a bounded time");
  const { valid, type, error } = parsed.check();
  if (!valid) throw unreadable(source, messageOf(error));
  return {
    type: type ?? "dyn",
    evaluate: (view) => {
      try {
        return plain(parsed({ ...view }));
      } catch (thrown) {
        throw unreadable(source, messageOf(thrown));
      }
    },
  };
}

export function parseCondition(source: string): (view: TokenView) => boolean {
  const expression = parseExpression(source);
  if (expression.type !== "bool") throw unreadable(source, `it gives ${expression.type}, where a condition gives bool`);
  return (view) => expression.evaluate(view) === true;
}

export function patternOf(source: string): Pattern {
  try {
    return new Pattern(source);
  } catch (error) {
    throw new InfernoError("invalid_request", `The pattern ${JSON.stringify(source)} cannot be used: ${messageOf(error)}`, { param: "breakpoints" });
  }
}

/** Whether a function of this name is called somewhere in what was read. */
function calls(part: unknown, name: string): boolean {
  if (Array.isArray(part)) return part.some((each) => calls(each, name));
  if (typeof part !== "object" || part === null || !("op" in part) || !("args" in part)) return false;
  const isCall = (part.op === "rcall" || part.op === "call") && Array.isArray(part.args) && part.args[0] === name;
  return isCall || calls(part.args, name);
}

const unreadable = (source: string, why: string): InfernoError => new InfernoError("invalid_request", `The expression ${JSON.stringify(source)} cannot be used: ${why}.`, { param: "expression" });

/** The library's messages draw the place below; the first line says what is wrong. */
const messageOf = (error: unknown): string => (error instanceof Error ? (error.message.split("\n")[0] ?? "").trim() : String(error));

/** As JSON has it. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}
