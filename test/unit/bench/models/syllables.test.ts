import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { mulberry32 } from "../../../../base/random.ts";
import { byteCharacters, prose, vocabulary, word } from "../../../../bench/models/syllables.ts";

const words = vocabulary(12_000);

/** Byte-level BPE as its definition has it: the pair of lowest rank is joined first. */
function encode(text: string): string[] {
  const ranks = new Map(words.merges.map((merge, rank) => [merge, rank]));
  const parts = Array.from(text.replaceAll(" ", "Ġ"));
  for (;;) {
    const pairs = parts.slice(1).map((part, index) => ({ index, rank: ranks.get(`${parts[index]!} ${part}`) ?? Number.POSITIVE_INFINITY }));
    const best = pairs.reduce((least, pair) => (pair.rank < least.rank ? pair : least), { index: -1, rank: Number.POSITIVE_INFINITY });
    if (best.index === -1) return parts;
    parts.splice(best.index, 2, parts[best.index]! + parts[best.index + 1]!);
  }
}

describe("the made-up language", () => {
  test("has as many tokens as asked, all different, and only merges whose parts and whole are tokens", () => {
    const known = new Set(words.tokens);
    assert.equal(words.tokens.length, 12_000);
    assert.equal(known.size, 12_000);
    for (const merge of words.merges) {
      const [left = "", right = ""] = merge.split(" ");
      assert.ok(known.has(left) && known.has(right) && known.has(left + right), merge);
    }
  });

  test("has one token for every word, of two syllables or three", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 12_000 - words.firstWord - 1 }), (index) => {
      assert.deepEqual(encode(` ${word(index)}`), [words.tokens[words.firstWord + index]]);
    }));
  });

  test("has a character for every byte", () => {
    assert.equal(new Set(byteCharacters()).size, 256);
    assert.equal(byteCharacters()[32], "Ġ");
    assert.equal(byteCharacters()[65], "A");
  });
});

test("prose has the length that was asked for, and another seed another text from its first word on", () => {
  assert.equal(prose(512, 1).split(" ").length - 1, 512);
  assert.equal(prose(5, 7), prose(5, 7));
  const beginnings = new Set(Array.from({ length: 200 }, (_, seed) => prose(1, seed)));
  assert.ok(beginnings.size > 190, `${beginnings.size} of 200 differ`);
});

test("random numbers are the same for the same seed, and evenly spread", () => {
  const [one, other] = [mulberry32(3), mulberry32(3)];
  const values = Array.from({ length: 10_000 }, one);
  assert.deepEqual(values, Array.from({ length: 10_000 }, other));
  assert.ok(values.every((value) => value >= 0 && value < 1));
  assert.ok(Math.abs(values.reduce((total, value) => total + value, 0) / values.length - 0.5) < 0.02);
});
