import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createBoxes, fillBoxes } from "../../../../webviews/flame/boxes.ts";
import { layOut } from "../../../../webviews/flame/layout.ts";
import { span, wellFormedSpans } from "./spans.ts";

test("every visible span is in exactly one box, and a row never has more boxes than two per pixel", () => {
  fc.assert(fc.property(wellFormedSpans, fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 1, max: 4000 }), (spans, pixels, startUs, widthUs) => {
    const layout = layOut(spans);
    const boxes = createBoxes(pixels);
    const view = { startUs, endUs: startUs + widthUs };
    layout.rows.forEach((row, number) => {
      fillBoxes(boxes, layout, number, view, pixels, null);
      const visible = [...row.spans].filter((index) => layout.endUs[index]! > view.startUs && layout.startUs[index]! < view.endUs);
      assert.equal(boxes.spans.slice(0, boxes.count).reduce((sum, count) => sum + count, 0), visible.length);
      assert.ok(boxes.count <= 2 * pixels + 2);
      for (let box = 1; box < boxes.count; box++) assert.ok(boxes.x[box]! >= Math.floor(boxes.x[box - 1]!), "from left to right");
    });
  }));
});

test("spans that share a pixel show the longest of them, and shine when any of them is found", () => {
  const layout = layOut([span("a", null, "sample", 0, 1), span("b", null, "decode", 1, 5), span("c", null, "sample", 6, 2)]);
  const boxes = createBoxes(10);
  fillBoxes(boxes, layout, 0, { startUs: 0, endUs: 1000 }, 10, Uint8Array.of(0, 0, 1));
  assert.deepEqual([boxes.count, boxes.span[0], boxes.spans[0], boxes.hit[0]], [1, 1, 3, 1]);
  fillBoxes(boxes, layout, 0, { startUs: 0, endUs: 1000 }, 10, Uint8Array.of(0, 0, 0));
  assert.equal(boxes.hit[0], 0);
});
