import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { overlapOf, withoutOverlaps } from "../../../../../../runtime/backends/onnx/vision/overlap.ts";

const box = (x: number, y: number, width = 10, height = 10) => ({ x, y, width, height });

test("intersection over union", () => {
  assert.equal(overlapOf(box(0, 0), box(0, 0)), 1);
  assert.equal(overlapOf(box(0, 0), box(5, 0)), 50 / 150);
  assert.equal(overlapOf(box(0, 0), box(10, 0)), 0, "touching is not overlapping");
  assert.equal(overlapOf(box(0, 0, 0, 0), box(0, 0)), 0);
});

test("the better of two boxes stays, those of other labels too", () => {
  const found = [{ label: "cat", score: 0.6, box: box(1, 0) }, { label: "cat", score: 0.9, box: box(0, 0) }, { label: "dog", score: 0.5, box: box(0, 0) }, { label: "cat", score: 0.4, box: box(40, 0) }];
  assert.deepEqual(withoutOverlaps(found, 0.45).map(({ label, score }) => [label, score]), [["cat", 0.9], ["dog", 0.5], ["cat", 0.4]]);
  assert.equal(withoutOverlaps(found, 1).length, 4);
});

const detection = fc.record({
  label: fc.constantFrom("a", "b"), score: fc.double({ min: 0, max: 1, noNaN: true }),
  box: fc.record({ x: fc.nat(50), y: fc.nat(50), width: fc.integer({ min: 1, max: 30 }), height: fc.integer({ min: 1, max: 30 }) }),
});

test("property: no two that stay overlap too much, and whatever went had a better one", () => {
  fc.assert(fc.property(fc.array(detection, { maxLength: 30 }), fc.double({ min: 0, max: 1, noNaN: true }), (found, most) => {
    const kept = withoutOverlaps(found, most);
    for (const [index, one] of kept.entries()) {
      for (const other of kept.slice(index + 1)) assert.ok(one.label !== other.label || overlapOf(one.box, other.box) <= most);
    }
    for (const gone of found.filter((each) => !kept.includes(each))) {
      assert.ok(kept.some(({ label, score, box: its }) => label === gone.label && score >= gone.score && overlapOf(its, gone.box) > most));
    }
  }));
});
