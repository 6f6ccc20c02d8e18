import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { padBatch } from "../../../../../../runtime/backends/onnx/text/padding.ts";

const free = { rows: null, columns: null };
const item = (ids: number[], types: number[] | null = null): { ids: number[]; types: number[] | null } => ({ ids, types });

test("shorter texts are filled up behind their end", () => {
  const batch = padBatch([item([5, 6, 7], [0, 1, 1]), item([8])], 9, free);
  assert.deepEqual([batch.rows, batch.columns], [2, 3]);
  assert.deepEqual([...batch.ids], [5n, 6n, 7n, 8n, 9n, 9n]);
  assert.deepEqual([...batch.mask], [1n, 1n, 1n, 1n, 0n, 0n]);
  assert.deepEqual([...batch.types], [0n, 1n, 1n, 0n, 0n, 0n]);
});

test("a graph with fixed sizes gets them; rows without a text look at one token", () => {
  const batch = padBatch([item([5])], 0, { rows: 2, columns: 3 });
  assert.deepEqual([...batch.ids], [5n, 0n, 0n, 0n, 0n, 0n]);
  assert.deepEqual([...batch.mask], [1n, 0n, 0n, 1n, 0n, 0n]);
});

test("every text comes out again of what its mask leaves", () => {
  const text = fc.array(fc.nat(30_000), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
    const { ids, mask, columns, rows } = padBatch(texts.map((ids) => item(ids)), 0, free);
    assert.equal(rows, texts.length);
    for (const [row, expected] of texts.entries()) {
      const slice = [...ids.slice(row * columns, (row + 1) * columns)].filter((_, index) => mask[row * columns + index] === 1n);
      assert.deepEqual(slice.map(Number), expected);
    }
  }));
});
