import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fillPrompt } from "../../../../runtime/host/fill-prompt.ts";

const fill = { prefix: 1001, suffix: 1002, middle: 1003, repository: 1004, file: 1005 };
const bytes = (text: string, { addSpecial }: { addSpecial: boolean; parseSpecial: boolean }): number[] => [...(addSpecial ? [1000] : []), ...Buffer.from(text)];
const gap = (prefix: string, suffix: string, files: { name: string; text: string }[] = []) => ({ prefix, suffix, files, beginning: "" });
const text = (tokens: readonly number[]): string => tokens.map((token) => (token < 256 ? String.fromCharCode(token) : `<${token}>`)).join("");

test("before, behind, middle; other files come first", () => {
  assert.equal(text(fillPrompt(gap("ab", "cd"), fill, bytes, null).tokens), "<1000><1001>ab<1002>cd<1003>");
  assert.equal(
    text(fillPrompt(gap("ab", "cd", [{ name: "x.ts", text: "X" }]), fill, bytes, null).tokens),
    "<1000><1004>project\n<1005>x.ts\nX\n<1005>file\n<1001>ab<1002>cd<1003>",
  );
  const plain = { ...fill, repository: null, file: null };
  assert.equal(text(fillPrompt(gap("ab", "cd", [{ name: "x.ts", text: "X" }]), plain, bytes, null).tokens), "<1000>X\n\n<1001>ab<1002>cd<1003>");
});

test("the gap's beginning stands before the gap", () => {
  assert.equal(text(fillPrompt({ ...gap("ab", "cd"), beginning: "!" }, fill, bytes, null).tokens), "<1000><1001>ab!<1002>cd<1003>");
});

test("without room for all, what is nearest to the gap stays, and what is missing is counted", () => {
  assert.equal(text(fillPrompt(gap("abcdefgh", "12345678"), fill, bytes, 12).tokens), "<1000><1001>cdefgh<1002>12<1003>");
  assert.equal(text(fillPrompt(gap("a", "12345678"), fill, bytes, 10).tokens), "<1000><1001>a<1002>12345<1003>");
  fc.assert(fc.property(fc.string({ maxLength: 50, unit: "grapheme-ascii" }), fc.string({ maxLength: 50, unit: "grapheme-ascii" }), fc.integer({ min: 5, max: 120 }), (before, behind, limit) => {
    const { tokens, dropped } = fillPrompt(gap(before, behind, [{ name: "f", text: "other" }]), fill, bytes, limit);
    assert.ok(tokens.length <= limit);
    assert.equal(tokens.length + dropped, fillPrompt(gap(before, behind, [{ name: "f", text: "other" }]), fill, bytes, null).tokens.length);
    const shown = text(tokens);
    const kept = shown.slice(shown.indexOf("<1001>") + 6, shown.indexOf("<1002>"));
    assert.ok(before.endsWith(kept));
    if (dropped === 0) assert.equal(kept, before);
  }));
});
