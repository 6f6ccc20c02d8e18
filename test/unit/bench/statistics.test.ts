import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { inTurn, median, mirrored, quantile, ratio } from "../../../bench/statistics.ts";

describe("quantile", () => {
  test("takes the middle, and goes linearly between neighbours", () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(quantile([0, 10], 0.25), 2.5);
    assert.throws(() => quantile([], 0.5), /nothing/);
  });

  test("lies between the extremes and grows with its share", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (all, p, q) => {
      const [low, high] = [quantile(all, Math.min(p, q)), quantile(all, Math.max(p, q))];
      assert.ok(low >= Math.min(...all) - 1e-6 && high <= Math.max(...all) + 1e-6);
      assert.ok(low <= high + 1e-6);
    }));
  });
});

test("runs two programs in turn, mirrored: A B B A", async () => {
  const order: string[] = [];
  const side = (name: string) => async () => {
    order.push(name);
    return order.length;
  };
  const { a, b } = await inTurn(2, side("A"), side("B"));
  assert.equal(order.join(""), "ABBAABBA");
  assert.deepEqual([a, b], [[1, 4, 5, 8], [2, 3, 6, 7]]);
});

test("mirrors three programs as well: A B C C B A", async () => {
  const order: string[] = [];
  await mirrored(1, ["A", "B", "C"].map((name) => async () => order.push(name)));
  assert.equal(order.join(""), "ABCCBA");
});

test("a slowdown that both share leaves the ratio alone", () => {
  assert.deepEqual(ratio([20, 10, 4], [10, 5, 2]), { median: 2, low: 2, high: 2 });
});
