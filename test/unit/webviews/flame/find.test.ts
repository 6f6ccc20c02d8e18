import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { distanceTo, firstChild, neighbour, sameName, spanAt } from "../../../../webviews/flame/find.ts";
import { layOut, type Layout } from "../../../../webviews/flame/layout.ts";
import { span, wellFormedSpans } from "./spans.ts";

/** The same question, asked of every span in turn. */
function linearSpanAt(layout: Layout, row: number, us: number, slackUs: number): number {
  let best = -1;
  for (let index = 0; index < layout.count; index++) {
    if (layout.row[index] !== row || layout.startUs[index]! > us + slackUs || layout.endUs[index]! <= us - slackUs) continue;
    if (best === -1 || distanceTo(layout, index, us) < distanceTo(layout, best, us)) best = index;
  }
  return best;
}

test("the span under the pointer is the one that a search through all of them finds", () => {
  fc.assert(fc.property(wellFormedSpans, fc.integer({ min: -10, max: 6000 }), fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 3, 40), (spans, us, row, slack) => {
    const layout = layOut(spans);
    assert.equal(spanAt(layout, row, us, slack), linearSpanAt(layout, row, us, slack));
  }), { numRuns: 400 });
});

test("a moment where one span ends and the next begins belongs to the next", () => {
  const layout = layOut([span("a", null, "decode", 0, 10), span("b", null, "sample", 10, 10)]);
  assert.equal(spanAt(layout, 0, 10), 1);
  assert.equal(spanAt(layout, 0, 20), -1);
  assert.equal(spanAt(layout, 1, 5), -1);
});

test("arrows walk along a row and stop at its ends; up and down go to parent and first child", () => {
  const layout = layOut([span("r", null, "request", 0, 30), span("a", "r", "decode", 0, 10), span("b", "r", "sample", 10, 10), span("c", "r", "decode", 20, 10)]);
  assert.deepEqual([neighbour(layout, 1, 1), neighbour(layout, 3, 1), neighbour(layout, 1, -1)], [2, 3, 1]);
  assert.deepEqual([firstChild(layout, 0), firstChild(layout, 2)], [1, 2]);
  assert.deepEqual([sameName(layout, 1, 1), sameName(layout, 3, -1), sameName(layout, 2, 1)], [3, 1, -1]);
});
