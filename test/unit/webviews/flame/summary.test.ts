import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { layOut } from "../../../../webviews/flame/layout.ts";
import { formatDifference, formatGrowth } from "../../../../webviews/flame/labels.ts";
import { selfTimes } from "../../../../webviews/flame/stacks/merge.ts";
import { summarise } from "../../../../webviews/flame/summary.ts";
import { wellFormedSpans } from "./spans.ts";

test("time inside another chosen span is not counted twice, own time never is; of one span it is the span", () => {
  fc.assert(fc.property(wellFormedSpans, fc.array(fc.nat(60)), (spans, picks) => {
    const layout = layOut(spans);
    const self = selfTimes(layout);
    const chosen = [...new Set(picks.map((pick) => pick % layout.count))].sort((a, b) => a - b);
    const summary = summarise(layout, self, Uint32Array.from(chosen));
    const covered = (index: number): boolean => layout.parent[index] !== -1 && (chosen.includes(layout.parent[index]!) || covered(layout.parent[index]!));
    const length = (index: number) => layout.endUs[index]! - layout.startUs[index]!;
    assert.equal(summary.count, chosen.length);
    assert.equal(summary.totalUs, chosen.filter((index) => !covered(index)).reduce((sum, index) => sum + length(index), 0));
    assert.equal(summary.selfUs, chosen.reduce((sum, index) => sum + self[index]!, 0));
    if (chosen.length > 0) assert.equal(summary.minUs, Math.min(...chosen.map(length)));
  }));
});

test("differences carry their sign in words that no colour is needed for", () => {
  assert.deepEqual([0, 1200, -1200, 0.001].map(formatDifference), ["±0", "+1.20 ms", "−1.20 ms", "±0"]);
  assert.deepEqual([0, 0.052, -0.5, 3, null, Infinity].map(formatGrowth), ["±0 %", "+5.2 %", "−50 %", "+300 %", "–", "–"]);
});
