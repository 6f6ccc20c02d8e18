import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { layOut, sourceOf, type Layout } from "../../../../webviews/flame/layout.ts";
import { toleranceUs } from "../../../../webviews/flame/rows.ts";
import { anySpans, span, wellFormedSpans } from "./spans.ts";

const nameAt = (layout: Layout, index: number): string => layout.names[layout.name[index]!]!;

test("root, groups and leaves take one row each, writes a lane of their own below", () => {
  const layout = layOut([
    span("r", null, "request", 0, 100), span("g", "r", "group", 0, 90), span("a", "g", "decode", 0, 40), span("b", "g", "sample", 40, 50), span("w", "r", "stream write", 35, 20),
  ]);
  assert.deepEqual(layout.rows.map(({ spans }) => [...spans].map((index) => nameAt(layout, index))), [["request"], ["group"], ["decode", "sample"], ["stream write"]]);
  assert.deepEqual(layout.rows.map(({ track }) => layout.tracks[track]!.kind), ["stages", "stages", "stages", "beside"]);
  assert.deepEqual(layout.bounds, { startUs: 0, endUs: 100 });
});

test("an empty trace has no rows and still an axis", () => {
  const layout = layOut([]);
  assert.equal(layout.rows.length, 0);
  assert.ok(layout.bounds.endUs > layout.bounds.startUs);
});

test("children lie inside their parents, below them", () => {
  fc.assert(fc.property(wellFormedSpans, (spans) => {
    const layout = layOut(spans);
    for (let index = 0; index < layout.count; index++) {
      const parent = layout.parent[index]!;
      if (parent === -1) continue;
      assert.ok(layout.row[index]! > layout.row[parent]!, "below its parent");
      assert.ok(layout.startUs[index]! >= layout.startUs[parent]! && layout.endUs[index]! <= layout.endUs[parent]!, "inside its parent");
    }
    assert.equal([...layout.parent].filter((parent) => parent === -1).length, 1, "only the root has no parent");
  }));
});

test("no two spans overlap on a row, every span is on exactly one row, in time order, whatever was recorded", () => {
  fc.assert(fc.property(fc.oneof(anySpans, wellFormedSpans), (spans) => {
    const layout = layOut(spans);
    const seen: number[] = [];
    layout.rows.forEach((row, number) => {
      for (const [place, index] of row.spans.entries()) {
        seen.push(index);
        assert.equal(layout.row[index], number);
        const before = row.spans[place - 1];
        if (before !== undefined) assert.ok(layout.startUs[index]! >= layout.endUs[before]! - toleranceUs, "no overlap");
      }
    });
    assert.deepEqual(seen.sort((a, b) => a - b), Array.from(spans, (_, index) => index));
    for (let index = 1; index < layout.count; index++) assert.ok(layout.startUs[index - 1]! <= layout.startUs[index]!);
  }));
});

test("every index leads back to the span it stands for", () => {
  fc.assert(fc.property(anySpans, (spans) => {
    const layout = layOut(spans);
    for (let index = 0; index < layout.count; index++) {
      const source = spans[sourceOf(layout, index)]!;
      assert.deepEqual([nameAt(layout, index), layout.startUs[index]], [source.name, source.startUs]);
    }
  }));
});

test("a cycle of parents is cut instead of followed for ever", () => {
  const layout = layOut([span("a", "b", "decode", 0, 1), span("b", "a", "decode", 1, 1), span("c", "c", "decode", 2, 1)]);
  assert.equal(layout.count, 3);
  assert.ok(layout.rows.length <= 2);
});

test("operations are named by what they do, and each layer has a track of its own below the stages", () => {
  const operation = (id: string, name: string, startUs: number) => span(id, "d", "operation", startUs, 10, { name, operator: "MUL_MAT" });
  const layout = layOut([span("d", null, "decode", 0, 100), operation("a", "blk.10.attn_q", 0), operation("b", "blk.2.attn_q", 10), operation("c", "output", 20)]);
  assert.deepEqual(layout.tracks.map(({ kind, layer }) => [kind, layer]), [["stages", null], ["operations", null], ["layer", 2], ["layer", 10]]);
  assert.equal(nameAt(layout, 1), "MUL_MAT");
  assert.equal(layout.bases[layout.name[1]!], "operation");
});

test("spans that all overlap share the last row in the end, and the layout says how many", () => {
  const layout = layOut(Array.from({ length: 300 }, (_, at) => span(`s${at}`, null, "decode", at, 1000)));
  assert.equal(layout.rows.length, 200);
  assert.equal(layout.crowded, 100);
});
