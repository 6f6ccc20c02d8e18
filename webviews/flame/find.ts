import type { Layout, Row } from "./layout.ts";
import { toleranceUs } from "./rows.ts";

/** The place in `row.spans` of the first span that ends after this moment; the row's length when there is none. */
export function firstEndingAfter(layout: Layout, row: Row, us: number): number {
  let [low, high] = [0, row.spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (layout.endUs[row.spans[middle]!]! > us) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The span under the pointer: of those on the row that come within `slackUs` of the moment, the nearest, or -1.
 * The slack is about a pixel, without which spans narrower than that could not be picked.
 */
export function spanAt(layout: Layout, rowNumber: number, us: number, slackUs = 0): number {
  const row = layout.rows[rowNumber];
  if (row === undefined) return -1;
  let best = -1;
  let bestDistance = Infinity;
  for (let place = firstEndingAfter(layout, row, us - slackUs); place < row.spans.length; place++) {
    const index = row.spans[place]!;
    if (layout.startUs[index]! > us + slackUs) break;
    const distance = distanceTo(layout, index, us);
    if (distance < bestDistance) [best, bestDistance] = [index, distance];
    if (distance === 0) break;
  }
  return best;
}

/** How far a moment is from a span: 0 inside it. The end belongs to the next span. */
export function distanceTo(layout: Layout, index: number, us: number): number {
  const [start, end] = [layout.startUs[index]!, layout.endUs[index]!];
  if (us < start) return start - us;
  return us < end ? 0 : us - end + Number.EPSILON;
}

/** The span before or after this one on its row, or itself at the end. */
export function neighbour(layout: Layout, index: number, step: -1 | 1): number {
  const spans = layout.rows[layout.row[index]!]!.spans;
  return spans[placeIn(spans, index) + step] ?? index;
}

/** The first box that leads away from this one on that side (1 below, -1 above), on the nearest row that has one; the box itself when there is none. */
export function firstChild(layout: Layout, index: number, side: -1 | 1 = 1): number {
  const [start, end] = [layout.startUs[index]!, layout.endUs[index]!];
  for (let at = layout.row[index]! + side; at >= 0 && at < layout.rows.length; at += side) {
    const row = layout.rows[at]!;
    // A little earlier, so that children without a length at the very beginning are met too.
    for (let place = firstEndingAfter(layout, row, start - toleranceUs); place < row.spans.length; place++) {
      const child = row.spans[place]!;
      if (layout.startUs[child]! > end) break;
      if (layout.parent[child] === index) return child;
    }
  }
  return index;
}

/** The box above this one: nearer to the root, or in a sandwich's upper half further away from it. */
export const above = (layout: Layout, index: number): number =>
  layout.row[index]! <= layout.rootRow && layout.rootRow > 0 ? firstChild(layout, index, -1) : parentOf(layout, index);

export const below = (layout: Layout, index: number): number => (layout.row[index]! < layout.rootRow ? parentOf(layout, index) : firstChild(layout, index, 1));

const parentOf = (layout: Layout, index: number): number => (layout.parent[index] === -1 ? index : layout.parent[index]!);

/** The previous or next span of the same name, or -1. */
export function sameName(layout: Layout, index: number, step: -1 | 1): number {
  for (let other = index + step; other >= 0 && other < layout.count; other += step) {
    if (layout.name[other] === layout.name[index]) return other;
  }
  return -1;
}

/** Binary search in ascending indexes. */
function placeIn(spans: Uint32Array, index: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle]! < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
