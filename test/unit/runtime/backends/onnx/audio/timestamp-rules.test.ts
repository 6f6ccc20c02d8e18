import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SpeechTokens } from "../../../../../../runtime/backends/onnx/audio/speech-tokens.ts";
import { nextToken, segmentsOf } from "../../../../../../runtime/backends/onnx/audio/timestamp-rules.ts";

const vocabulary = new Map(["a", "b", "<end>", "<|notimestamps|>", "<|0.00|>", "<|1.00|>", "<|2.00|>"].map((token, id) => [token, id]));
const [a, b, end, noTimes, t0, t1, t2] = [0, 1, 2, 3, 4, 5, 6] as const;
const tokens = new SpeechTokens({ start: ["<|notimestamps|>"], end: "<end>" }, { token_to_id: (token) => vocabulary.get(token), get_vocab: () => vocabulary });
const next = (likes: Readonly<Record<number, number>>, said: readonly number[], timestamps = true): number =>
  nextToken(Float32Array.from({ length: 7 }, (_, id) => likes[id] ?? -9), said, tokens, timestamps);

test("without times, no time is chosen", () => {
  assert.equal(next({ [t1]: 5, [a]: 1 }, [], false), a);
});

test("an answer with times begins with one, and a segment holds text", () => {
  assert.equal(next({ [a]: 5, [end]: 4, [t0]: 1 }, []), t0);
  assert.equal(next({ [t1]: 5, [a]: 1 }, [t0]), a);
  assert.equal(next({ [noTimes]: 5, [a]: 1 }, [t0]), a);
});

test("after a segment's end comes another's beginning, not earlier, or the end", () => {
  assert.equal(next({ [a]: 5, [t0]: 4, [t1]: 1 }, [t0, a, t1]), t1);
  assert.equal(next({ [a]: 5, [t1]: 1, [end]: 2 }, [t0, a, t1]), end);
});

test("times go forward", () => {
  assert.equal(next({ [t0]: 9, [t1]: 8, [t2]: 2, [a]: 1 }, [t0, a, t1, t1, b]), t2);
});

test("many unlikely times outweigh one likelier text", () => {
  assert.equal(next({ [a]: 1, [t1]: 0.6, [t2]: 0.5 }, [t0, a]), t1);
  assert.equal(next({ [a]: 1, [t1]: -1, [t2]: -1 }, [t0, a]), a);
});

test("whatever the model likes, times never go back and come in pairs", () => {
  fc.assert(fc.property(fc.array(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 7, maxLength: 7 }), { maxLength: 30 }), (steps) => {
    const said: number[] = [];
    for (const logits of steps) {
      const token = nextToken(Float32Array.from(logits), said, tokens, true);
      if (token === end) break;
      said.push(token);
    }
    const times = said.flatMap((id) => tokens.times.get(id) ?? []);
    assert.deepEqual(times, times.toSorted((left, right) => left - right));
    assert.ok(said.length === 0 || tokens.times.has(said[0]!));
    for (const { start, end: until } of segmentsOf(said, tokens, { start: 10, end: 12 }, (ids) => ids.join(" "))) assert.ok(start >= 10 && until >= start && until <= 12);
  }));
});

test("segments: with times, without, and an open one", () => {
  const text = (ids: number[]): string => ids.map((id) => (id === a ? "A" : " B")).join("");
  const chunk = { start: 10, end: 11.5 };
  assert.deepEqual(segmentsOf([a, b], tokens, chunk, text), [{ start: 10, end: 11.5, text: "A B" }]);
  assert.deepEqual(segmentsOf([t0, a, t1, t1, b], tokens, chunk, text), [{ start: 10, end: 11, text: "A" }, { start: 11, end: 11.5, text: "B" }]);
  assert.deepEqual(segmentsOf([], tokens, chunk, text), []);
});
