import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { axisHeight, foldedAtFirst, headingAt, headingHeight, measure, rowAt, rowHeight } from "../../../../webviews/flame/geometry.ts";
import { layOut } from "../../../../webviews/flame/layout.ts";
import { sampleTrace } from "../../../drivers/panels/sample-trace.ts";
import { anySpans } from "./spans.ts";

const layers = layOut(sampleTrace({ layers: 6, tokens: 2 }).spans);

test("the request itself has no heading; what runs beside and each layer has one above its rows", () => {
  const { tops, headings } = measure(layers, new Set());
  assert.equal(tops[0], axisHeight);
  assert.equal(headings.length, layers.tracks.length - 1);
  for (const { track, top } of headings) assert.equal(tops[layers.rows.findIndex((row) => row.track === track)], top + headingHeight);
});

test("a folded track is lower, and still has its heading; many layers start folded, few do not", () => {
  const folded = foldedAtFirst(layers.tracks);
  assert.equal(folded.size, 6);
  const [open, closed] = [measure(layers, new Set()), measure(layers, folded)];
  assert.ok(closed.height < open.height && closed.headings.length === open.headings.length);
  assert.equal(foldedAtFirst(layOut(sampleTrace({ layers: 2, tokens: 2 }).spans).tracks).size, 0);
});

test("every point is in the row that is drawn there, in a heading, or in none", () => {
  fc.assert(fc.property(anySpans, fc.boolean(), fc.integer({ min: 0, max: 3000 }), (spans, fold, y) => {
    const layout = layOut(spans);
    const geometry = measure(layout, new Set(fold ? layout.tracks.map(({ key }) => key) : []));
    const row = rowAt(geometry, y);
    const expected = [...geometry.tops].findIndex((top, at) => y >= top && y < top + geometry.heights[at]!);
    assert.equal(row, expected);
    if (row !== -1) assert.equal(headingAt(geometry, y), null, "a heading is over no row");
    assert.ok([...geometry.heights].every((height) => height <= rowHeight));
  }));
});
