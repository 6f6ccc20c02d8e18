import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readCtc } from "../../../../../../runtime/backends/onnx/vision/ctc.ts";

const characters = ["a", "b", "c"];

/** Scores of a line in which each step says one class for sure: 0 is the blank. */
function saying(classes: readonly number[], score = 1): Float32Array {
  return Float32Array.from(classes.flatMap((best) => [0, 1, 2, 3].map((index) => (index === best ? score : 0))));
}

test("repeats are one character, a blank between them makes two", () => {
  assert.deepEqual(readCtc(saying([0, 1, 1, 0, 1, 2, 2, 0]), 0, 8, characters), { text: "aab", score: 1 });
  assert.deepEqual(readCtc(saying([0, 0]), 0, 2, characters), { text: "", score: 0 });
});

test("the score is the characters' mean, blanks do not count", () => {
  const scores = Float32Array.from([...saying([1], 0.5), ...saying([0], 1), ...saying([2], 1)]);
  assert.deepEqual(readCtc(scores, 0, 3, characters), { text: "ab", score: 0.75 });
});

test("an infinite score is no answer, unless it says that a character is not there", () => {
  assert.throws(() => readCtc(saying([1, 2], Infinity), 0, 2, characters), { code: "inference_failed", message: /gave Infinity in its scores/ });
  assert.deepEqual(readCtc(Float32Array.of(-Infinity, 1, -Infinity, -Infinity), 0, 1, characters), { text: "a", score: 1 });
});

test("reads its own line of a batch", () => {
  const batch = Float32Array.from([...saying([1, 2]), ...saying([3, 0])]);
  assert.equal(readCtc(batch, 8, 2, characters).text, "c");
});

test("property: any text is read back when each character has its steps and its blank", () => {
  fc.assert(fc.property(fc.array(fc.record({ character: fc.nat(2), steps: fc.integer({ min: 1, max: 3 }), blanks: fc.integer({ min: 1, max: 3 }) })), (parts) => {
    const classes = parts.flatMap(({ character, steps, blanks }) => [...Array<number>(steps).fill(character + 1), ...Array<number>(blanks).fill(0)]);
    assert.equal(readCtc(saying(classes), 0, classes.length, characters).text, parts.map(({ character }) => characters[character]).join(""));
  }));
});
