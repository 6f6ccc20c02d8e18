import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { connectedRegions } from "../../../../../../runtime/backends/onnx/vision/connected-regions.ts";
import { distance, project, projectionTo, straighten } from "../../../../../../runtime/backends/onnx/vision/perspective.ts";
import type { Point, Quad } from "../../../../../../runtime/backends/onnx/vision/picture.ts";
import { convexHull, cornersOf, smallestRectangle } from "../../../../../../runtime/backends/onnx/vision/slanted-rectangle.ts";
import { textRegions } from "../../../../../../runtime/backends/onnx/vision/text-regions.ts";
import { waysToRead } from "../../../../../../runtime/backends/onnx/vision/vertical-lines.ts";

/** A map of 0 and 1 from a drawing. */
function drawn(...rows: readonly string[]): { map: Float32Array; width: number; height: number } {
  return { map: Float32Array.from(rows.join(""), (mark) => (mark === "#" ? 1 : 0)), width: rows[0]?.length ?? 0, height: rows.length };
}

test("regions touch by sides and corners, and forks meet again", () => {
  const { map, width, height } = drawn("#..#.....", "#..#..##.", ".##...#..", "........#");
  assert.deepEqual(connectedRegions(map, width, height, 0.5).map(({ pixels }) => pixels), [6, 3, 1]);
});

test("property: regions are those of a flood fill", () => {
  const size = 12;
  fc.assert(fc.property(fc.array(fc.boolean(), { minLength: size * size, maxLength: size * size }), (filled) => {
    const map = Float32Array.from(filled, Number);
    const regions = connectedRegions(map, size, size, 0.5);
    assert.deepEqual(regions.map(({ pixels }) => pixels).toSorted((a, b) => a - b), flooded(filled, size));
  }));
});

function flooded(filled: readonly boolean[], size: number): number[] {
  const left = new Set(filled.flatMap((is, index) => (is ? [index] : [])));
  const sizes: number[] = [];
  for (const start of left) {
    const open = [start];
    left.delete(start);
    let pixels = 0;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      pixels += 1;
      const [x, y] = [at % size, Math.floor(at / size)];
      for (const [nx, ny] of [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [x + dx, y + dy] as const))) {
        const next = ny * size + nx;
        if (nx < 0 || nx >= size || !left.delete(next)) continue;
        open.push(next);
      }
    }
    sizes.push(pixels);
  }
  return sizes.toSorted((a, b) => a - b);
}

const point: fc.Arbitrary<Point> = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }));

test("property: the rectangle holds all points, and no rectangle at another angle is smaller", () => {
  fc.assert(fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), fc.double({ min: 0, max: Math.PI, noNaN: true }), (points, angle) => {
    const rectangle = smallestRectangle(points);
    const [cos, sin] = [Math.cos(rectangle.angle), Math.sin(rectangle.angle)];
    for (const [x, y] of points) {
      const [dx, dy] = [x - rectangle.centre[0], y - rectangle.centre[1]];
      assert.ok(Math.abs(dx * cos + dy * sin) <= rectangle.width / 2 + 1e-6 && Math.abs(dy * cos - dx * sin) <= rectangle.height / 2 + 1e-6);
    }
    const across = points.map(([x, y]) => x * Math.cos(angle) + y * Math.sin(angle));
    const down = points.map(([x, y]) => y * Math.cos(angle) - x * Math.sin(angle));
    const area = (Math.max(...across) - Math.min(...across)) * (Math.max(...down) - Math.min(...down));
    assert.ok(rectangle.width * rectangle.height <= area + 1e-6);
    assert.ok(Math.abs(rectangle.angle) <= Math.PI / 4 + 1e-9);
  }));
});

test("property: a slanted rectangle is found from its corners", () => {
  fc.assert(fc.property(fc.integer({ min: 30, max: 200 }), fc.integer({ min: 3, max: 20 }), fc.double({ min: -0.7, max: 0.7, noNaN: true }), (width, height, angle) => {
    const found = smallestRectangle(cornersOf({ centre: [7, -3], width, height, angle }));
    for (const [one, other] of [[found.width, width], [found.height, height], [found.angle, angle], [found.centre[0], 7], [found.centre[1], -3]] as const) assert.ok(Math.abs(one - other) < 1e-6, `${one} is not ${other}`);
  }));
});

test("hulls of one point, of a line, and with points inside", () => {
  assert.deepEqual(convexHull([[1, 1], [1, 1]]), [[1, 1]]);
  assert.equal(convexHull([[0, 0], [1, 1], [2, 2], [3, 3]]).length, 2);
  assert.deepEqual(convexHull([[0, 0], [4, 0], [4, 4], [0, 4], [2, 2], [2, 0]]), [[0, 0], [4, 0], [4, 4], [0, 4]]);
});

test("property: the projection takes the rectangle's corners to the quadrilateral's", () => {
  // Each corner in a quarter of its own: convex, but no rectangle.
  const near = (x: number, y: number): fc.Arbitrary<Point> => fc.tuple(fc.double({ min: x, max: x + 30, noNaN: true }), fc.double({ min: y, max: y + 30, noNaN: true }));
  fc.assert(fc.property(near(0, 0), near(100, 0), near(100, 100), near(0, 100), (a, b, c, d) => {
    const projection = projectionTo([a, b, c, d], 48, 20);
    const corners: Quad = [[0, 0], [48, 0], [48, 20], [0, 20]];
    corners.forEach((corner, index) => assert.ok(distance(project(projection, corner), [a, b, c, d][index]!) < 1e-6));
  }));
});

const gradient = { width: 40, height: 30, pixels: Uint8Array.from({ length: 40 * 30 * 3 }, (_, at) => [Math.floor(at / 3) % 40 * 5, Math.floor(at / 120) * 7, 100][at % 3] ?? 0) };

test("a level crop of the same size is the very pixels, turned by half it is them backwards", () => {
  const corners: Quad = [[5, 4], [15, 4], [15, 10], [5, 10]];
  const crop = straighten(gradient, corners, 10, 6);
  const expected = Uint8Array.from({ length: 180 }, (_, at) => [(5 + Math.floor(at / 3) % 10) * 5, (4 + Math.floor(at / 30)) * 7, 100][at % 3] ?? 0);
  assert.deepEqual(crop.pixels, expected);
  const [a, b, c, d] = corners;
  const pixels = (bytes: Uint8Array) => Array.from({ length: bytes.length / 3 }, (_, at) => [...bytes.subarray(3 * at, 3 * at + 3)]);
  assert.deepEqual(pixels(straighten(gradient, [c, d, a, b], 10, 6).pixels), pixels(expected).toReversed());
});

test("a crop that becomes smaller is the mean, not every fourth pixel", () => {
  const stripes = { width: 64, height: 8, pixels: Uint8Array.from({ length: 64 * 8 * 3 }, (_, at) => (Math.floor(at / 3) % 4 === 0 ? 0 : 200)) };
  const { pixels } = straighten(stripes, [[0, 0], [64, 0], [64, 8], [0, 8]], 16, 2);
  assert.deepEqual(new Set(pixels), new Set([150]));
});

test("the page's edge goes on outside it", () => {
  const { pixels } = straighten(gradient, [[-10, 0], [0, 0], [0, 10], [-10, 10]], 10, 10);
  assert.ok(pixels.every((value, at) => at % 3 !== 0 || value === 0));
});

test("boxes of a map: widened, in the page's pixels, without specks and faint regions", () => {
  const [width, height] = [100, 40];
  const map = new Float32Array(width * height);
  const fill = (left: number, top: number, across: number, down: number, value: number) => {
    for (let y = top; y < top + down; y += 1) map.fill(value, y * width + left, y * width + left + across);
  };
  fill(10, 5, 61, 7, 0.9);
  fill(80, 5, 2, 2, 0.9);
  fill(10, 25, 50, 7, 0.4);
  const [box, ...others] = textRegions(map, { width, height }, { width: 200, height: 120 }, { threshold: 0.3, boxThreshold: 0.6, unclip: 1.6 });
  assert.equal(others.length, 0);
  const wider = 60 * 6 * 1.6 / (2 * 66);
  const expected: Quad = [[(10.5 - wider) * 2, (5.5 - wider) * 3], [(70.5 + wider) * 2, (5.5 - wider) * 3], [(70.5 + wider) * 2, (11.5 + wider) * 3], [(10.5 - wider) * 2, (11.5 + wider) * 3]];
  expected.forEach((corner, index) => assert.ok(distance(corner, box![index]!) < 1e-6));
});

test("tall boxes are read downwards, and as one letter while they may be one", () => {
  const tall = (height: number): Quad => [[0, 0], [10, 0], [10, height], [0, height]];
  const downwards = (height: number): Quad => [[10, 0], [10, height], [0, height], [0, 0]];
  assert.deepEqual(waysToRead(tall(12)), [tall(12)]);
  assert.deepEqual(waysToRead(tall(20)), [tall(20), downwards(20)]);
  assert.deepEqual(waysToRead(tall(40)), [downwards(40)]);
});
