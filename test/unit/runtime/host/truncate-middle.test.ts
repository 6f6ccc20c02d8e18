import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ChatMessage } from "../../../../protocol/api/openai.ts";
import { firstFitting, shorterConversations, truncateMiddle, withoutMiddle } from "../../../../runtime/host/truncate-middle.ts";

test("what is left out lies in one piece in the middle, and the rest has exactly the room", () => {
  fc.assert(fc.property(fc.nat({ max: 200 }), fc.integer({ min: 1, max: 200 }), (length, limit) => {
    const tokens = Array.from({ length }, (_, index) => index);
    const { tokens: kept, dropped } = truncateMiddle(tokens, limit);
    assert.equal(kept.length, Math.min(length, limit));
    assert.equal(kept.length + dropped, length);
    const gaps = kept.filter((token, index) => index > 0 && token !== kept[index - 1]! + 1).length;
    assert.ok(gaps <= 1);
    if (length > 0) assert.equal(kept.at(-1), length - 1, "the newest stays");
  }));
});

test("a quarter of the room is the beginning's", () => {
  assert.deepEqual(truncateMiddle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4), { tokens: [0, 7, 8, 9], dropped: 6 });
});

test("a text that is cut before its tokens are counted keeps the very tokens that counting them would have kept", () => {
  const longest = 8;
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), minLength: 1, maxLength: longest - 2 });
  const tokensOf = (text: string) => text.match(/\S+ ?/g) ?? [];
  const kept = (text: string, limit: number) => {
    const words = tokensOf(text);
    return truncateMiddle([...words.keys()], limit).tokens.map((index) => words[index]);
  };
  fc.assert(fc.property(fc.array(word, { maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (words, limit) => {
    const text = words.map((each) => `${each} `).join("");
    const shorter = withoutMiddle(text, limit, longest);
    assert.ok(shorter.length <= Math.min(text.length, limit * longest));
    assert.deepEqual(kept(shorter, limit), kept(text, limit));
  }));
});

const said = (role: "system" | "user" | "assistant", content: string): ChatMessage => ({ role, content });

test("a conversation is cut where the user speaks, and keeps its instructions", () => {
  const [system, a, b, c, d, e] = [said("system", "s"), said("user", "1"), said("assistant", "2"), said("user", "3"), said("assistant", "4"), said("user", "5")];
  assert.deepEqual(shorterConversations([system, a, b, c, d, e]), [[system, c, d, e], [system, e]]);
  assert.deepEqual(shorterConversations([a]), []);
  assert.deepEqual(shorterConversations([system]), []);
});

test("the longest that fits is found, in few tries", () => {
  fc.assert(fc.property(fc.nat({ max: 300 }), fc.nat({ max: 320 }), (count, limit) => {
    const candidates = Array.from({ length: count }, (_, index) => count - index);
    let tries = 0;
    const found = firstFitting(candidates, (size) => {
      tries += 1;
      return size;
    }, (size) => size <= limit);
    assert.equal(found, candidates.find((size) => size <= limit) ?? null);
    assert.ok(tries <= 10);
  }));
});
