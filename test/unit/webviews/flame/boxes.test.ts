import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createBoxes, fillBoxes } from "../../../../webviews/flame/boxes.ts";
import { layOut, type Layout } from "../../../../webviews/flame/layout.ts";
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

/** The same boxes made span by span, without taking whole blocks of spans at once. */
function oneByOne(layout: Layout, pixels: number, view: { readonly startUs: number; readonly endUs: number }, hits: Uint8Array) {
  const scale = pixels / (view.endUs - view.startUs);
  const made: { pixel: number | null; span: number; spans: number; hit: number }[] = [];
  for (const index of layout.rows[0]!.spans) {
    const [start, length] = [layout.startUs[index]!, layout.endUs[index]! - layout.startUs[index]!];
    if (start + length <= view.startUs || start >= view.endUs) continue;
    const pixel = Math.max(0, Math.floor((start - view.startUs) * scale));
    const last = made.at(-1);
    if (length * scale >= 1) made.push({ pixel: null, span: index, spans: 1, hit: hits[index]! });
    else if (last === undefined || last.pixel !== pixel) made.push({ pixel, span: index, spans: 1, hit: hits[index]! });
    else {
      last.spans++;
      last.hit |= hits[index]!;
      if (length > layout.endUs[last.span]! - layout.startUs[last.span]!) last.span = index;
    }
  }
  return made.map(({ span: at, spans, hit }) => ({ span: at, spans, hit }));
}

test("thousands of spans make the boxes that they would make one by one", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 200, maxLength: 2000 });
  fc.assert(fc.property(lengths, fc.integer({ min: 1, max: 80 }), fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 10, max: 60_000 }), (given, pixels, startUs, widthUs) => {
    let now = 0;
    const layout = layOut(given.map((us, at) => span(String(at), null, "decode", (now += us + (us % 3)) - us, us)));
    const hits = Uint8Array.from(given, (us) => (us === 7 ? 1 : 0));
    const boxes = createBoxes(pixels);
    const view = { startUs, endUs: startUs + widthUs };
    fillBoxes(boxes, layout, 0, view, pixels, hits);
    const made = Array.from({ length: boxes.count }, (_, box) => ({ span: boxes.span[box], spans: boxes.spans[box], hit: boxes.hit[box] }));
    assert.deepEqual(made, oneByOne(layout, pixels, view, hits));
  }), { numRuns: 60 });
});
