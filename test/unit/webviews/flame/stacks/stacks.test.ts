import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { layOut, type Layout } from "../../../../../webviews/flame/layout.ts";
import { difference } from "../../../../../webviews/flame/stacks/difference.ts";
import { leftHeavy, type Merged } from "../../../../../webviews/flame/stacks/heavy.ts";
import { selfTimes } from "../../../../../webviews/flame/stacks/merge.ts";
import { sandwich } from "../../../../../webviews/flame/stacks/sandwich.ts";
import { anySpans, span, wellFormedSpans } from "../spans.ts";

const heavy = (layout: Layout) => leftHeavy(layout, selfTimes(layout));
const nameAt = (layout: Layout, index: number) => layout.names[layout.name[index]!]!;
const pathOf = (layout: Layout, index: number): string => (layout.parent[index] === -1 ? "" : `${pathOf(layout, layout.parent[index]!)}/`) + nameAt(layout, index);
const lines = ({ layout, spans, totalUs, selfUs }: Merged) =>
  Array.from({ length: layout.count }, (_, index) => `${pathOf(layout, index)} ${spans[index]!}x ${totalUs[index]!} ${selfUs[index]!} @${layout.startUs[index]!} row ${layout.row[index]!}`);

const recorded = layOut([
  span("r", null, "request", 0, 100), span("a", "r", "sample", 0, 10), span("b", "r", "decode", 10, 30), span("c", "b", "run", 12, 20), span("d", "r", "sample", 40, 15),
  span("e", "r", "decode", 55, 40), span("w", "r", "stream write", 40, 30),
]);

test("identical stacks are one box, the heaviest first; what runs beside has a stack of its own", () => {
  assert.deepEqual(lines(heavy(recorded)), [
    "request 1x 100 5 @0 row 0", "request/decode 2x 70 50 @0 row 1", "request/decode/run 1x 20 20 @0 row 2", "request/sample 2x 25 25 @70 row 1", "stream write 1x 30 30 @0 row 3",
  ]);
});

test("a sandwich has the callers above its middle and what it called below", () => {
  const layout = layOut([
    span("r", null, "request", 0, 100), span("p", "r", "prompt", 0, 30), span("g", "r", "generate", 30, 60), span("a", "p", "wait", 0, 10), span("b", "g", "wait", 30, 25), span("c", "b", "swap", 32, 5),
  ]);
  const cut = sandwich(layout, selfTimes(layout), layout.names.indexOf("wait"));
  assert.deepEqual(lines(cut), [
    "wait 2x 35 30 @0 row 2", "wait/swap 1x 5 5 @0 row 3", "wait/generate 1x 25 0 @0 row 1", "wait/generate/request 1x 25 0 @0 row 0", "wait/prompt 1x 10 0 @25 row 1", "wait/prompt/request 1x 10 0 @25 row 0",
  ]);
  assert.equal(cut.layout.rootRow, 2);
});

test("recursion counts no time twice", () => {
  const layout = layOut([span("a", null, "run", 0, 100), span("b", "a", "run", 10, 80), span("c", "b", "run", 20, 20)]);
  const cut = sandwich(layout, selfTimes(layout), 0);
  const middle = cut.layout.rows[cut.layout.rootRow]!.spans[0]!;
  assert.deepEqual([cut.totalUs[middle], cut.selfUs[middle], cut.spans[middle]], [100, 100, 3]);
});

test("every span is in exactly one box of its own path, and sums are kept, whatever was recorded", () => {
  fc.assert(fc.property(fc.oneof(anySpans, wellFormedSpans), (spans) => {
    const layout = layOut(spans);
    const self = selfTimes(layout);
    const merged = leftHeavy(layout, self);
    assert.equal(merged.spans.reduce((sum, count) => sum + count, 0), layout.count);
    assert.ok(Math.abs(merged.selfUs.reduce((sum, us) => sum + us, 0) - self.reduce((sum, us) => sum + us, 0)) < 1e-6);
    merged.indexOf.forEach((box, index) => assert.equal(nameAt(merged.layout, box), nameAt(layout, index)));
    assertDrawable(merged.layout);
  }));
});

test("in a sandwich the middle's time is that of its outermost spans, and each half fits into it", () => {
  fc.assert(fc.property(wellFormedSpans, fc.nat(), (spans, pick) => {
    const layout = layOut(spans);
    const name = pick % layout.names.length;
    const cut = sandwich(layout, selfTimes(layout), name);
    const middle = cut.layout.rows[cut.layout.rootRow]!.spans;
    assert.equal(middle.length, 1);
    let total = 0;
    layout.name.forEach((at, index) => (total += at === name ? layout.endUs[index]! - layout.startUs[index]! : 0));
    // Nothing in these traces lies inside a span of its own name.
    assert.equal(cut.totalUs[middle[0]!], total);
    assertDrawable(cut.layout);
  }));
});

test("a trace differs from itself in nothing; swapped, a difference turns round", () => {
  fc.assert(fc.property(wellFormedSpans, wellFormedSpans, (a, b) => {
    const [first, second] = [a, b].map((spans) => {
      const layout = layOut(spans);
      return { layout, self: selfTimes(layout) };
    });
    const same = difference(first!, first!);
    assert.ok(same.beforeUs.every((us, index) => us === same.afterUs[index]) && same.tone.every((tone) => tone === 0));
    const [there, back] = [difference(first!, second!), difference(second!, first!)];
    const sums = (layout: Layout, left: Float64Array, right: Float64Array) => Array.from({ length: layout.count }, (_, index) => `${pathOf(layout, index)} ${left[index]!} ${right[index]!}`).sort();
    assert.deepEqual(sums(there.layout, there.beforeUs, there.afterUs), sums(back.layout, back.afterUs, back.beforeUs));
    assertDrawable(there.layout);
  }));
});

/** What drawing, hit test and keys rely on. */
function assertDrawable(layout: Layout): void {
  for (let index = 0; index < layout.count; index++) {
    const parent = layout.parent[index]!;
    if (parent === -1) continue;
    assert.ok(parent < index, "parents first");
    assert.equal(Math.abs(layout.row[index]! - layout.row[parent]!), 1);
    assert.ok(layout.startUs[index]! >= layout.startUs[parent]! - 1e-6 && layout.endUs[index]! <= layout.endUs[parent]! + 1e-6, "inside the parent");
  }
  layout.rows.forEach(({ spans }, row) => spans.forEach((index, place) => {
    assert.equal(layout.row[index], row);
    if (place > 0) assert.ok(layout.startUs[index]! >= layout.endUs[spans[place - 1]!]! - 1e-6, "no overlap");
  }));
}
