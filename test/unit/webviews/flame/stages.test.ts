import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { layOut } from "../../../../webviews/flame/layout.ts";
import { percentiles } from "../../../../webviews/flame/ranks.ts";
import { accountedShare, sortBy, sortStages, stages } from "../../../../webviews/flame/stages.ts";
import { span, wellFormedSpans } from "./spans.ts";

const layout = layOut([
  span("r", null, "request", 0, 200), span("a", "r", "decode", 0, 40), span("b", "r", "decode", 40, 120), span("c", "r", "sample", 160, 20), span("w", "r", "stream write", 0, 100),
]);
const list = stages(layout, 200);

test("a stage sums up its spans", () => {
  assert.deepEqual(list.find(({ name }) => name === "decode"), { name: "decode", kind: "leaf", count: 2, totalUs: 160, meanUs: 80, p50Us: 40, p95Us: 120, share: 0.8 });
});

test("what is accounted for is the leaves: neither groups nor what runs beside count", () => {
  assert.equal(accountedShare(layout, 200), 0.9);
  assert.equal(accountedShare(layOut([]), 0), 0);
});

test("a column sorts, clicked again it turns round", () => {
  const byTotal = sortBy({ column: "name", descending: false }, "totalUs");
  assert.deepEqual(sortStages(list, byTotal).map(({ name }) => name), ["request", "decode", "stream write", "sample"]);
  assert.deepEqual(sortStages(list, sortBy(byTotal, "totalUs")).map(({ name }) => name), ["sample", "stream write", "decode", "request"]);
  assert.deepEqual(sortStages(list, sortBy(byTotal, "name")).map(({ name }) => name), ["decode", "request", "sample", "stream write"]);
});

test("percentiles are measured values, those of the nearest rank, in whatever order the values come", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 }), fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }), (values, parts) => {
    const sorted = [...values].sort((a, b) => a - b);
    assert.deepEqual(percentiles(Float64Array.from(values), ...parts), parts.map((part) => sorted[Math.max(0, Math.ceil(part * values.length) - 1)]));
  }));
  assert.deepEqual(percentiles(new Float64Array(0), 0.5), [0]);
});

test("counts and totals of all stages are those of all spans", () => {
  fc.assert(fc.property(wellFormedSpans, (spans) => {
    const all = stages(layOut(spans), 1000);
    assert.equal(all.reduce((sum, { count }) => sum + count, 0), spans.length);
    assert.equal(all.reduce((sum, { totalUs }) => sum + totalUs, 0), spans.reduce((sum, { durationUs }) => sum + durationUs, 0));
  }));
});
