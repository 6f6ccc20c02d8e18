import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { PatternError } from "../../../base/pattern/pattern-parse.ts";
import { Pattern } from "../../../base/pattern/pattern.ts";

const atom = fc.constantFrom("a", "b", "C", "0", ".", "[ab]", "[^a]", "[A-C0-9]", "\\d", "\\w", "\\W", "\\s", "\\.", "^", "$", "\\b", "\\B");
const patterns = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => a + b),
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => `(${a}|${b})`),
    fc.tuple(tie("any"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?")).map(([a, more]) => `(?:${a})${more}`),
  ),
})).any;
const texts = fc.array(fc.constantFrom("a", "b", "c", "A", "C", "0", "7", " ", ".", "_", "é"), { maxLength: 14 }).map((parts) => parts.join(""));

test("finds what the language's own regular expressions find, in any case", () => {
  fc.assert(fc.property(patterns, fc.array(texts, { minLength: 1, maxLength: 5 }), (source, candidates) => {
    const [ours, theirs] = [new Pattern(source), new RegExp(source, "i")];
    // The same pattern again and again: what it remembers of one text must not show in another.
    for (const text of candidates) assert.equal(ours.test(text), theirs.test(text), `${source} in ${JSON.stringify(text)}`);
  }), { numRuns: 1500 });
});

test("a pattern that keeps other engines busy for ever takes a pass over the text", () => {
  const pattern = new Pattern("(a+)+b|(a|aa)*c|(.*)*d");
  assert.equal(pattern.test("a".repeat(100_000)), false);
  assert.equal(pattern.test(`${"a".repeat(100_000)}d`), true);
});

test("what is wrong is said, with its place", () => {
  const wrong: readonly (readonly [string, number])[] = [["a(b", 1], ["a)", 1], ["[a", 0], ["*a", 0], ["a**", 2], ["[z-a]", 2], ["(a)\\1", 3], ["(?=a)", 0], ["a{3,2}", 1], ["\\", 0], ["\\xZZ", 0], ["^*", 0]];
  for (const [source, at] of wrong) assert.throws(() => new Pattern(source), (error) => error instanceof PatternError && error.at === at && error.message !== "", source);
  assert.throws(() => new Pattern("((a{100}){100}){100}"), PatternError);
});
