import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { NgramDrafter } from "../../../../runtime/speculation/ngram-drafter.ts";
import { NgramIndex } from "../../../../runtime/speculation/ngram-index.ts";

const guess = (tokens: readonly number[], most = 8, candidates = 1): readonly (readonly number[])[] =>
  new NgramDrafter(candidates).propose([{ id: 1, tokens, most }]).drafts[0]!;

describe("a guess", () => {
  test("is what followed the same tokens before", () => {
    assert.deepEqual(guess([1, 2, 3, 4, 5, 9, 1, 2]), [[3, 4, 5, 9, 1, 2]]);
    assert.deepEqual(guess([1, 2, 3, 4, 5, 9, 1, 2], 2), [[3, 4]]);
  });

  test("is not made where the text never was alike", () => {
    assert.deepEqual(guess([1, 2, 3, 4]), []);
    assert.deepEqual(guess([]), []);
    assert.deepEqual(guess([1, 2, 1, 2], 0), []);
  });

  test("prefers the longer match to the newer", () => {
    assert.deepEqual(guess([7, 1, 2, 3, 4, 50, 9, 3, 4, 60, 9, 7, 1, 2, 3, 4], 1), [[50]]);
  });

  test("prefers the newer of equals, and the more frequent", () => {
    assert.deepEqual(guess([8, 1, 2, 50, 9, 1, 2, 60, 7, 1, 2], 1), [[60]]);
    assert.deepEqual(guess([8, 1, 2, 50, 9, 1, 2, 50, 6, 1, 2, 60, 7, 1, 2], 1), [[50]]);
  });

  test("has several candidates where the text gives several, within what was asked for in all", () => {
    const tokens = [8, 1, 2, 50, 51, 52, 9, 1, 2, 60, 61, 62, 7, 1, 2];
    assert.deepEqual(guess(tokens, 4, 2), [[60, 61], [50, 51]]);
    assert.deepEqual(guess(tokens, 1, 2), [[60]]);
  });

  test("finds its way back into the text that is being copied, behind a changed word", () => {
    const drafter = new NgramDrafter(1);
    const text = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const ask = (tokens: number[]) => drafter.propose([{ id: 1, tokens, most: 2 }]).drafts[0];
    assert.deepEqual(ask([...text, 1, 2, 3]), [[4, 5]]);
    assert.deepEqual(ask([...text, 1, 2, 3, 99]), [[5, 6]]);
    assert.deepEqual(ask([...text, 1, 2, 3, 99, 5]), [[6, 7]]);
    assert.deepEqual(ask([...text, 1, 2, 3, 99, 5, 90, 91, 92]), []);
  });
});

test("guesses are continuations of earlier places, different ones, none empty, and no more than asked for", () => {
  fc.assert(fc.property(fc.array(fc.nat(3), { maxLength: 80 }), fc.nat(12), fc.integer({ min: 1, max: 4 }), (tokens, most, candidates) => {
    const drafts = guess(tokens, most, candidates);
    assert.ok(drafts.length <= candidates);
    assert.ok(drafts.flat().length <= most);
    assert.equal(new Set(drafts.map(([first]) => first)).size, drafts.length);
    for (const draft of drafts) {
      assert.ok(draft.length > 0);
      assert.ok(tokens.some((_, at) => at >= 2 && draft.every((token, i) => tokens[at + i] === token) && tokens[at - 1] === tokens.at(-1)));
    }
    if (most > 0 && tokens.length > 2) {
      const repeats = tokens.some((_, at) => at >= 2 && at < tokens.length && tokens[at - 1] === tokens.at(-1) && tokens[at - 2] === tokens.at(-2));
      assert.equal(drafts.length > 0, repeats, "a pair that was there before is found");
    }
  }), { numRuns: 500 });
});

test("an answer's tokens are added one by one; a shorter one is another text", () => {
  fc.assert(fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }), fc.nat(60), (tokens, cut) => {
    const drafter = new NgramDrafter(2);
    const ask = (text: readonly number[]) => drafter.propose([{ id: 1, tokens: text, most: 6 }]).drafts[0];
    drafter.propose([{ id: 1, tokens: tokens.slice(0, cut), most: 0 }]);
    assert.deepEqual(ask(tokens), guess(tokens, 6, 2));
    const shorter = tokens.slice(Math.min(1, tokens.length - 1)).reverse().slice(1);
    assert.deepEqual(ask(shorter), guess(shorter, 6, 2));
  }));
});

test("a token costs as much behind a long text as behind a short one", () => {
  const index = new NgramIndex();
  // The worst text: every place is like every other.
  for (let i = 0; i < 20_000; i += 1) index.push(1);
  assert.equal(index.places().length, 32);
});
