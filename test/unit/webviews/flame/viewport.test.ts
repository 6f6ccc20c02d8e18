import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { closestUs, fit, pan, reveal, ticks, toUs, toX, zoom, zoomTo, type Viewport } from "../../../../webviews/flame/viewport.ts";

const bounds: fc.Arbitrary<Viewport> = fc.double({ min: 10, max: 1e10, noNaN: true }).map((endUs) => ({ startUs: 0, endUs }));
const part = fc.double({ min: 0, max: 1, noNaN: true });
const within = (view: Viewport, limits: Viewport) => {
  const slack = limits.endUs * 1e-12;
  assert.ok(view.startUs >= limits.startUs - slack && view.endUs <= limits.endUs + slack && view.endUs > view.startUs, JSON.stringify(view));
};
const viewOf = (limits: Viewport, from: number, size: number): Viewport => {
  const width = Math.max(closestUs, size * limits.endUs);
  return pan({ startUs: from * limits.endUs, endUs: from * limits.endUs + width }, limits, 0);
};
const close = (actual: number, expected: number, slack: number) => assert.ok(Math.abs(actual - expected) <= slack, `${actual} is not ${expected}`);

test("a place on the screen and its moment convert into each other", () => {
  fc.assert(fc.property(bounds, part, part, part, (limits, from, size, at) => {
    const view = viewOf(limits, from, size);
    close(toX(view, 1000, toUs(view, 1000, at * 1000)), at * 1000, 0.2);
  }));
});

test("zooming in and out again leads back, and the moment under the pointer stays there", () => {
  fc.assert(fc.property(bounds, part, part, (limits, from, at) => {
    const view = viewOf(limits, from, 0.5);
    const anchor = toUs(view, 1000, at * 1000);
    const closer = zoom(view, limits, 0.5, anchor);
    close(toX(closer, 1000, anchor), at * 1000, 0.01);
    const back = zoom(closer, limits, 2, anchor);
    close(back.startUs, view.startUs, limits.endUs * 1e-9);
    close(back.endUs, view.endUs, limits.endUs * 1e-9);
  }));
});

test("no zoom, move or jump leaves the bounds", () => {
  fc.assert(fc.property(bounds, part, part, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), part, (limits, from, size, factor, at) => {
    const view = viewOf(limits, from, size);
    for (const next of [
      zoom(view, limits, factor, at * limits.endUs), pan(view, limits, (factor - 1000) * limits.endUs), fit(limits),
      zoomTo(limits, from * limits.endUs, from * limits.endUs), reveal(view, limits, at * limits.endUs, at * limits.endUs),
    ]) within(next, limits);
  }));
});

test("reveal shows the range, and leaves a view that shows it already", () => {
  fc.assert(fc.property(bounds, part, part, part, part, (limits, from, size, start, length) => {
    const view = viewOf(limits, from, size);
    const startUs = start * limits.endUs;
    const endUs = startUs + length * (limits.endUs - startUs);
    const next = reveal(view, limits, startUs, endUs);
    const slack = limits.endUs * 1e-9;
    assert.ok(next.startUs <= startUs + slack && next.endUs >= endUs - slack);
    if (startUs >= view.startUs && endUs <= view.endUs) assert.equal(next, view);
  }));
});

test("ticks are round, inside the view and not crowded", () => {
  assert.deepEqual(ticks({ startUs: 0, endUs: 1000 }, 1000, 200), { stepUs: 200, at: [0, 200, 400, 600, 800, 1000] });
  fc.assert(fc.property(bounds, part, part, (limits, from, size) => {
    const view = viewOf(limits, from, size);
    const { stepUs, at } = ticks(view, 1200);
    assert.ok(at.length <= 13, `${at.length} ticks`);
    for (const us of at) assert.ok(us >= view.startUs - stepUs * 1e-6 && us <= view.endUs + stepUs * 1e-6);
    assert.match(stepUs.toExponential(6), /^[125]\.000000e/);
  }));
});
