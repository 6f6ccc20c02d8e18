import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { DebugBreakpoint } from "../../../../protocol/api/debug.ts";
import { parseBreakpoint } from "../../../../extension/debug/adapter/breakpoint-syntax.ts";
import { english } from "../samples.ts";

const parsed = (source: string): DebugBreakpoint => {
  const result = parseBreakpoint(source, english);
  assert.ok("breakpoint" in result, JSON.stringify(result));
  return result.breakpoint;
};
const refused = (source: string): string => {
  const result = parseBreakpoint(source, english);
  assert.ok("error" in result, JSON.stringify(result));
  return result.error;
};

suite("the syntax of function breakpoints", () => {
  test("each form of the guide", () => {
    const forms: readonly (readonly [string, DebugBreakpoint])[] = [
      ["text:/sun|moon/", { kind: "text", pattern: "sun|moon" }],
      ["text: /a\\/b/ ", { kind: "text", pattern: "a\\/b" }],
      ["token:123", { kind: "token", id: 123 }],
      ["probability<0.2", { kind: "probability", below: 0.2 }],
      ["probability < 1e-3", { kind: "probability", below: 0.001 }],
      ["entropy>2", { kind: "entropy", above: 2 }],
      ["latency>50ms", { kind: "latency", aboveMs: 50 }],
      ["latency > 50", { kind: "latency", aboveMs: 50 }],
      ["tool_call", { kind: "tool_call" }],
      ["tool_call:search", { kind: "tool_call", name: "search" }],
      ["grammar_dead_end", { kind: "grammar_dead_end" }],
      ["truncation", { kind: "truncation" }],
      ["index > 3 && probability < 0.5", { kind: "expression", expression: "index > 3 && probability < 0.5" }],
      // The language compares whole numbers with whole numbers only.
      ["entropy<2", { kind: "expression", expression: "entropy<2.0" }],
    ];
    for (const [source, breakpoint] of forms) assert.deepEqual(parsed(source), breakpoint, source);
  });

  test("what is wrong is said", () => {
    assert.match(refused(" "), /needs a condition/);
    assert.match(refused("text:sun"), /between slashes/);
    assert.match(refused("text://"), /between slashes/);
    assert.match(refused("token:sun"), /token:123/);
    assert.match(refused("token:-1"), /token:123/);
    assert.match(refused("tool_call:"), /function's name/);
    assert.match(refused("probability<2"), /between 0 and 1/);
    assert.match(refused("latency<50ms"), /latency>50ms/);
    assert.match(refused("entropy>2ms"), /entropy>2/);
    assert.match(refused("x".repeat(1001)), /longer than 1000/);
  });

  test("whatever is typed, the result is a breakpoint that the daemon takes, or a reason", () => {
    const typed = fc.oneof(
      fc.string({ maxLength: 1100 }),
      fc.tuple(fc.constantFrom("text:", "token:", "tool_call:", "probability<", "entropy>", "latency>", "truncation"), fc.string()).map(([prefix, rest]) => prefix + rest),
      fc.tuple(fc.constantFrom("probability", "entropy", "latency"), fc.constantFrom("<", ">", "<=", "=="), fc.double({ noNaN: true })).map(([name, sign, value]) => `${name}${sign}${value}`),
    );
    fc.assert(fc.property(typed, (source) => {
      const result = parseBreakpoint(source, english);
      if ("error" in result) assert.notEqual(result.error, "");
      else assert.deepEqual(DebugBreakpoint.parse(result.breakpoint), result.breakpoint);
    }), { numRuns: 2000 });
  });

  test("numbers come back as they were written", () => {
    fc.assert(fc.property(fc.nat(), (id) => assert.deepEqual(parsed(`token:${id}`), { kind: "token", id })));
    fc.assert(fc.property(fc.nat({ max: 1000 }), (mills) => assert.deepEqual(parsed(`probability<${mills / 1000}`), { kind: "probability", below: mills / 1000 })));
  });
});
