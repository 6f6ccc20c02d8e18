import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pool, toUnitLength } from "../../../../../../runtime/backends/onnx/text/pooling.ts";

// Two texts of up to three tokens, two numbers each; the second has one token, and padding that must not be looked at.
const values = Float32Array.of(1, 2, 3, 4, 5, 9, 7, 8, NaN, NaN, NaN, NaN);

test("mean, first and last of the tokens, without the padding", () => {
  const first = { values, offset: 0, count: 3, size: 2 };
  const second = { values, offset: 6, count: 1, size: 2 };
  assert.deepEqual([...pool(first, "mean")], [3, 5]);
  assert.deepEqual([...pool(first, "cls")], [1, 2]);
  assert.deepEqual([...pool(first, "last")], [5, 9]);
  for (const how of ["mean", "cls", "last"] as const) assert.deepEqual([...pool(second, how)], [7, 8], how);
});

test("a vector is a copy: the batch's memory is used again", () => {
  const batch = Float32Array.of(1, 2);
  const vectors = (["mean", "cls", "last"] as const).map((how) => pool({ values: batch, offset: 0, count: 1, size: 2 }, how));
  batch.fill(0);
  for (const vector of vectors) assert.deepEqual([...vector], [1, 2]);
});

test("the mean of many tokens keeps its digits", () => {
  const count = 4096;
  const vector = pool({ values: new Float32Array(count).fill(0.1), offset: 0, count, size: 1 }, "mean");
  assert.equal(vector[0], Math.fround(0.1));
});

test("unit length, whatever the vector; zeros stay zeros", () => {
  assert.deepEqual([...toUnitLength(Float32Array.of(0, 0))], [0, 0]);
  assert.deepEqual([...toUnitLength(Float32Array.of(3, 4))], [Math.fround(0.6), Math.fround(0.8)]);
  fc.assert(fc.property(fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 32 }), (numbers) => {
    fc.pre(Math.hypot(...numbers) > 1e-3);
    const vector = toUnitLength(Float32Array.from(numbers));
    assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5);
  }));
});
