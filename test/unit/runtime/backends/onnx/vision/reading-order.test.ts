import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Point, Quad } from "../../../../../../runtime/backends/onnx/vision/picture.ts";
import { readingOrder } from "../../../../../../runtime/backends/onnx/vision/reading-order.ts";

const line = (left: number, right: number, y: number): Quad => [[left, y - 10], [right, y - 10], [right, y + 10], [left, y + 10]];
/** A headline, two columns whose lines are level with each other, and a foot below both. */
const page = [line(0, 600, 20), ...[60, 90, 120].map((y) => line(0, 280, y)), ...[60, 90, 120].map((y) => line(320, 600, y)), line(0, 600, 180)];

function turn(quad: Quad, angle: number): Quad {
  const point = ([x, y]: Point): Point => [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
  const [a, b, c, d] = quad;
  return [point(a), point(b), point(c), point(d)];
}

/** Where each line of `page` is read, when the lines come in another order. */
function readAt(order: readonly number[], angle = 0): number[] {
  return readingOrder(order.map((index) => turn(page[index]!, angle))).map((at) => order[at]!);
}

test("columns one after the other, below the headline and above the foot", () => {
  assert.deepEqual(readAt(page.map((_, index) => index)), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("property: in whatever order the lines come, and however the page is turned", () => {
  const shuffled = fc.shuffledSubarray(page.map((_, index) => index), { minLength: page.length });
  fc.assert(fc.property(shuffled, fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }), (order, angle) => {
    assert.deepEqual(readAt(order, angle), [0, 1, 2, 3, 4, 5, 6, 7]);
  }));
});

test("parts of one row from left to right, even when the right one is a little higher", () => {
  assert.deepEqual(readingOrder([line(200, 300, 48), line(0, 180, 50), line(0, 300, 80)]), [1, 0, 2]);
});

test("property: every line is read exactly once, on the wildest page", () => {
  const any = fc.tuple(...Array.from({ length: 4 }, () => fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -100, max: 100 }))));
  fc.assert(fc.property(fc.array(any, { maxLength: 20 }), (lines) => {
    const order = readingOrder(lines.map(([a, b, c, d]) => [a!, b!, c!, d!]));
    assert.deepEqual(order.toSorted((a, b) => a - b), lines.map((_, index) => index));
  }));
});
