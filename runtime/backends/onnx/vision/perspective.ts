import { assert } from "../../../../base/assert.ts";
import type { Picture, Point, Quad } from "./picture.ts";

/** The projective map of a picture's quadrilateral from a rectangle's: x' = (ax + by + c) / (gx + hy + 1), y' alike. */
export type Projection = readonly [a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number];

/** From the rectangle 0, 0 to `width`, `height` to the corners, clockwise from the top left. */
export function projectionTo(corners: Quad, width: number, height: number): Projection {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = corners;
  // Heckbert's closed form for the unit square; a parallelogram has no perspective (g = h = 0).
  const [dx1, dy1, dx2, dy2] = [x1 - x2, y1 - y2, x3 - x2, y3 - y2];
  const [sx, sy] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3];
  const area = dx1 * dy2 - dx2 * dy1;
  const g = area === 0 ? 0 : (sx * dy2 - dx2 * sy) / area;
  const h = area === 0 ? 0 : (dx1 * sy - sx * dy1) / area;
  return [
    (x1 - x0 + g * x1) / width, (x3 - x0 + h * x3) / height, x0,
    (y1 - y0 + g * y1) / width, (y3 - y0 + h * y3) / height, y0,
    g / width, h / height,
  ];
}

export function project([a, b, c, d, e, f, g, h]: Projection, [x, y]: Point): Point {
  const depth = g * x + h * y + 1;
  return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
}

/**
 * Cuts a quadrilateral out and straightens it to `width` × `height`. Where it becomes smaller each pixel is the mean of several samples,
 * for single ones would skip thin strokes. Outside, the picture's edge goes on.
 */
export function straighten(picture: Picture, corners: Quad, width: number, height: number): Picture {
  assert(width > 0 && height > 0, "a crop has a size");
  const across = sampleCount(Math.max(distance(corners[0], corners[1]), distance(corners[3], corners[2])) / width);
  const down = sampleCount(Math.max(distance(corners[0], corners[3]), distance(corners[1], corners[2])) / height);
  const [a, b, c, d, e, f, g, h] = projectionTo(corners, width * across, height * down);
  const sums = new Float32Array(width * height * 3);
  for (let y = 0; y < height * down; y += 1) {
    for (let x = 0; x < width * across; x += 1) {
      const u = x + 0.5;
      const v = y + 0.5;
      const depth = g * u + h * v + 1;
      const at = Math.floor(y / down) * width + Math.floor(x / across);
      addSample(sums, at * 3, picture, (a * u + b * v + c) / depth - 0.5, (d * u + e * v + f) / depth - 0.5);
    }
  }
  const pixels = new Uint8Array(sums.length);
  const samples = across * down;
  for (let at = 0; at < sums.length; at += 1) pixels[at] = Math.round(sums[at]! / samples);
  return { width, height, pixels };
}

/** Bilinear. Runs for each sample of each line, so it makes no arrays. */
function addSample(sums: Float32Array, at: number, { pixels, width, height }: Picture, x: number, y: number): void {
  const left = Math.min(Math.max(Math.floor(x), 0), width - 1);
  const top = Math.min(Math.max(Math.floor(y), 0), height - 1);
  const toRight = left + 1 < width ? 3 : 0;
  const toBelow = top + 1 < height ? width * 3 : 0;
  const fromLeft = Math.min(Math.max(x - left, 0), 1);
  const fromTop = Math.min(Math.max(y - top, 0), 1);
  let from = (top * width + left) * 3;
  for (let channel = 0; channel < 3; channel += 1, from += 1) {
    const above = pixels[from]! * (1 - fromLeft) + pixels[from + toRight]! * fromLeft;
    const below = pixels[from + toBelow]! * (1 - fromLeft) + pixels[from + toBelow + toRight]! * fromLeft;
    sums[at + channel]! += above * (1 - fromTop) + below * fromTop;
  }
}

export function distance([ax, ay]: Point, [bx, by]: Point): number {
  return Math.hypot(bx - ax, by - ay);
}

/** Samples for each pixel of the crop, by how many of the picture's it stands for. A poster's line 2,000 pixels high still takes no more than 16 × 16. */
function sampleCount(ratio: number): number {
  return Math.min(16, Math.max(1, Math.ceil(ratio - 0.25)));
}
