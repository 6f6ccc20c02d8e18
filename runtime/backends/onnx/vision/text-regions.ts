import { connectedRegions } from "./connected-regions.ts";
import type { Quad, Size } from "./picture.ts";
import { cornersOf, smallestRectangle, widened } from "./slanted-rectangle.ts";

export interface TextRegionOptions {
  /** Least probability of a pixel. */
  readonly threshold: number;
  /** Least mean probability of a box. */
  readonly boxThreshold: number;
  /** How much boxes are widened: the detector is trained to mark a line's core, so that neighbouring lines stay apart. */
  readonly unclip: number;
}

/** What is thinner in the detector's map is noise: no letter can be read there. */
const leastSide = 3;

/** A page has fewer lines; noise has more regions. */
const mostRegions = 1000;

/** The lines of text in a detector's probability map ("differentiable binarization"), as boxes in `page`'s pixels. */
export function textRegions(map: Float32Array, size: Size, page: Size, options: TextRegionOptions): Quad[] {
  const across = page.width / size.width;
  const down = page.height / size.height;
  const boxes: Quad[] = [];
  for (const { edges } of connectedRegions(map, size.width, size.height, options.threshold)) {
    if (boxes.length === mostRegions) break;
    const core = smallestRectangle(edges);
    if (Math.min(core.width, core.height) < leastSide) continue;
    if (meanInside(map, size, cornersOf(core)) < options.boxThreshold) continue;
    const distance = core.width * core.height * options.unclip / (2 * (core.width + core.height));
    const box = widened(core, distance);
    if (Math.min(box.width, box.height) < leastSide + 2) continue;
    const [a, b, c, d] = cornersOf(box);
    // The map's values stand for the middles of its pixels.
    const moved = ([x, y]: Quad[number]) => [(x + 0.5) * across, (y + 0.5) * down] as const;
    boxes.push([moved(a), moved(b), moved(c), moved(d)]);
  }
  return boxes;
}

/** Mean of the map's values in a convex polygon, row by row. */
function meanInside(map: Float32Array, { width, height }: Size, corners: Quad): number {
  const rows = corners.map(([, y]) => y);
  let sum = 0;
  let count = 0;
  for (let y = Math.max(0, Math.round(Math.min(...rows))); y <= Math.min(height - 1, Math.round(Math.max(...rows))); y += 1) {
    const [from, to] = spanAt(corners, y);
    for (let x = Math.max(0, Math.round(from)); x <= Math.min(width - 1, Math.round(to)); x += 1) {
      sum += map[y * width + x] ?? 0;
      count += 1;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/** Where a row enters and leaves the polygon; rows that just miss it count as its outermost. */
function spanAt(corners: Quad, y: number): [number, number] {
  let [from, to] = [Infinity, -Infinity];
  corners.forEach(([ax, ay], index) => {
    const [bx, by] = corners[(index + 1) % 4] ?? [ax, ay];
    const row = Math.min(Math.max(y, Math.min(ay, by)), Math.max(ay, by));
    if (Math.abs(row - y) > 0.5) return;
    const x = ay === by ? [ax, bx] : [ax + (bx - ax) * (row - ay) / (by - ay)];
    from = Math.min(from, ...x);
    to = Math.max(to, ...x);
  });
  return [from, to];
}
