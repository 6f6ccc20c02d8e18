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
  if (depthOf(parsed.ast) > 1) throw unreadable(source, "a macro (`all`, `exists`, `exists_one`, `filter`, `map`) inside another is not offered: together they may take years");
  for (const name of ["split", "join"]) if (calls(parsed.ast, name)) throw unreadable(source, `\`${name}\` is not offered`);
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
  return (view) => {
    try {
      return expression.evaluate(view) === true;
    } catch {
      // Its types were checked: what fails now, such as `top["x"]` where no candidate is "x", does not hold of this token.
      return false;
    }
  };
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

const macros: ReadonlySet<unknown> = new Set(["all", "exists", "exists_one", "filter", "map", "bind"]);

/** How many macros, each of which goes through a list, stand inside one another. */
function depthOf(part: unknown): number {
  if (Array.isArray(part)) return Math.max(0, ...part.map(depthOf));
  if (typeof part !== "object" || part === null || !("op" in part) || !("args" in part)) return 0;
  const isMacro = Array.isArray(part.args) && part.op === "rcall" && macros.has(part.args[0]);
  return depthOf(part.args) + (isMacro ? 1 : 0);
}

const unreadable = (source: string, why: string): InfernoError => new InfernoError("invalid_request", `The expression ${JSON.stringify(source)} cannot be used: ${why}.`, { param: "expression" });

/** The library's messages draw the place below; the first line says what is wrong. */
const messageOf = (error: unknown): string => (error instanceof Error ? (error.message.split("\n")[0] ?? "").trim() : String(error));

/** As JSON has it. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string" || typeof value === "boolean" || value === null || value === undefined) return value ?? null;
  if (Object.getPrototypeOf(value) === Object.prototype) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  // Times, types and bytes, which nothing of a token is.
  throw new Error("it gives a value that JSON does not have");
}
