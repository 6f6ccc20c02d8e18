import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Span } from "../../../../protocol/trace.ts";
import { colourings, legendOf, medianTook, tintOf } from "../../../../webviews/tokens/colours.ts";
import { conversationOf } from "../../../../webviews/tokens/conversation.ts";
import { walk } from "../../../../webviews/tokens/keys.ts";
import { tokenLabel } from "../../../../webviews/tokens/label.ts";
import { linesOf } from "../../../../webviews/tokens/lines.ts";
import { promptDifference, reuseWords } from "../../../../webviews/tokens/reuse.ts";
import { isValue, forkFields, readSampling } from "../../../../webviews/tokens/sampling-fields.ts";
import { stepSpans } from "../../../../webviews/tokens/step-spans.ts";
import { isSpecial, quoted, visibleText } from "../../../../webviews/tokens/visible.ts";
import { sampleTokens } from "../../../drivers/panels/sample-tokens.ts";

const { tokens, prompt } = conversationOf(sampleTokens("t", ["a", "b"], ["x", "y", "z"]), 0);

test("nothing in a token's text is unseen or turns the text around", () => {
  assert.equal(visibleText("a\n\tb\u202E\u0007"), "a↵⇥b\\u202e\\u0007");
  assert.equal(quoted(" am"), "“␣am”");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(visibleText(text))));
  assert.deepEqual(["<|im_end|>", "<s>", "</s>", "[INST]", "<b", "a<b>", "<", "<script>alert(1) </script>"].map(isSpecial), [true, true, true, true, false, false, false, false]);
});

test("every colouring says of each token what its colour stands for, and has a legend", () => {
  const medianUs = medianTook(tokens);
  assert.equal(medianUs, 100);
  for (const colouring of colourings) {
    assert.ok(legendOf(colouring, medianUs).length > 1, colouring);
    for (const token of tokens) {
      const tint = tintOf(token, colouring, medianUs);
      assert.ok(tint === "none" || legendOf(colouring, medianUs).some((row) => row.tint === tint), `${colouring}: ${tint}`);
      assert.match(tokenLabel(token, colouring), /^“[abxyz]”, .+/);
    }
  }
  assert.equal(tokenLabel(tokens[prompt]!, "probability"), "“x”, 90.5 %");
});

test("the lines hold every token once, and none is without end", () => {
  fc.assert(fc.property(fc.array(fc.constantFrom("a", "\n", "b\n"), { maxLength: 600 }), fc.nat(600), (pieces, at) => {
    const all = conversationOf(sampleTokens("t", pieces.slice(0, at), pieces.slice(at)), 0);
    const lines = linesOf(all.tokens, all.prompt);
    assert.deepEqual(lines.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, offset) => from + offset)), all.tokens.map((_, index) => index));
    assert.ok(lines.every(({ from, to }) => to - from <= 256 && !(from < all.prompt && to > all.prompt)));
  }));
});

test("keys walk, and stay within", () => {
  const rows = { rowAbove: (index: number) => index - 10, rowBelow: (index: number) => index + 10 };
  const go = (key: string, from: number) => walk(key, from, 15, rows);
  assert.deepEqual([go("ArrowRight", -1), go("ArrowRight", 14), go("ArrowLeft", 0), go("ArrowDown", 2), go("ArrowDown", 9), go("End", 0), go("Escape", 3), go("x", 3)], [0, 14, 0, 12, 14, 14, -1, null]);
  assert.equal(walk("Home", -1, 0, rows), null);
});

test("reuse in words, with the first difference and without its text where that is not recorded", () => {
  const differs = { position: 9, cached: " moon", prompt: " sun" };
  const words = (change: Partial<typeof differs>) => reuseWords({ promptTokens: 20, reuse: { tokens: 9, source: "cached", reason: "differs", differs: { ...differs, ...change } } }).join(" ");
  assert.match(words({}), /^9 prompt tokens of 20 .+ token 9: “␣moon” was cached, the prompt has “␣sun”\.$/);
  assert.match(words({ cached: "", prompt: "" }), /The first difference is at token 9\.$/);
  assert.deepEqual(reuseWords({ promptTokens: 20, reuse: null }), []);
});

test("two prompts around their first difference", () => {
  assert.equal(promptDifference("Hello", "Hello and more"), null);
  const found = promptDifference(`${"x".repeat(100)}moon`, `${"x".repeat(100)}sun`);
  assert.deepEqual([found?.shared.length, found?.cutBefore, found?.earlier, found?.now], [60, true, "moon", "sun"]);
  assert.equal(promptDifference("a😀", "a😁")?.shared, "a");
});

test("a step is what lies between the choice before and its own", () => {
  const span = (name: string, startUs: number, durationUs: number, attributes: Span["attributes"] = {}): Span => ({ id: `${name}${startUs}`, parentId: null, name, startUs, durationUs, attributes });
  const spans = [
    span("request", 0, 2000), span("prefill", 100, 800), span("sample", 990, 20), span("decode", 1010, 60), span("operation", 1015, 20, { operator: "MUL_MAT", bytes: 8 }),
    span("operation", 1040, 10, { operator: "MUL_MAT", bytes: 8 }), span("sample", 1090, 20), span("decode", 1110, 80),
  ];
  const { stages, operations } = stepSpans(spans, tokens.slice(prompt), 1);
  assert.deepEqual(stages.map(({ id }) => id), ["sample990", "decode1010", "sample1090"]);
  assert.deepEqual(operations, [{ operator: "MUL_MAT", count: 2, totalUs: 30, bytes: 16 }]);
  assert.deepEqual(stepSpans(spans, tokens.slice(prompt), 9).stages, []);
});

test("what is typed into a branch's settings is a value or is refused", () => {
  assert.deepEqual(readSampling({ temperature: "0,5", seed: "7", top_p: " " }), { temperature: 0.5, seed: 7 });
  assert.equal(readSampling({ top_k: "1.5" }), null);
  assert.equal(readSampling({ temperature: "warm" }), null);
  assert.deepEqual(forkFields.map((field) => isValue(field, "-1")), forkFields.map(() => false));
});
