import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { atLeast, atMost, row, table } from "../../../../bench/engine/row.ts";

const measured = { scenario: "streams-8", figure: "all streams", unit: "tokens/s" };

describe("a row of the table", () => {
  test("holds the median ratio of paired runs against its bar", () => {
    assert.equal(row({ ...measured, ours: [12, 24, 13], peer: [10, 20, 10], bar: atLeast(1.2) }).met, true);
    assert.equal(row({ ...measured, ours: [11, 24, 11], peer: [10, 20, 10], bar: atLeast(1.2) }).met, false);
    assert.equal(row({ ...measured, ours: [10], peer: [10], bar: atMost(1) }).met, true);
  });

  test("holds our own figure against an absolute bar", () => {
    assert.equal(row({ ...measured, ours: [2, 4, 3], peer: null, bar: atMost(3), absolute: true }).met, true);
    assert.equal(row({ ...measured, ours: [2, 4, 5], peer: null, bar: atMost(3), absolute: true }).met, false);
  });

  test("is neither met nor missed without a peer, without a bar, or beside a zero", () => {
    assert.equal(row({ ...measured, ours: [5], peer: null, bar: atLeast(1) }).met, null);
    assert.equal(row({ ...measured, ours: [5], peer: [4] }).met, null);
    assert.deepEqual(row({ ...measured, ours: [5], peer: [0], bar: atLeast(1) }).ratio, null);
  });
});

test("the table names a scenario once, and says what was missed", () => {
  const lines = table([
    row({ ...measured, ours: [120], peer: [100], bar: atLeast(1.2) }),
    row({ ...measured, figure: "gap p95", unit: "ms", ours: [12.34], peer: [10], bar: atMost(1) }),
  ]);
  assert.deepEqual(lines.map((line) => line.replaceAll(/ {2,}/g, " | ")), [
    "scenario | figure | ours | peer | ratio (low to high) | bar",
    "streams-8 | all streams | 120 tokens/s | 100 | 1.20 (1.20 to 1.20) | ≥ 1.2 | met",
    " | gap p95 | 12.3 ms | 10.0 | 1.23 (1.23 to 1.23) | ≤ 1 | MISSED",
  ]);
});
