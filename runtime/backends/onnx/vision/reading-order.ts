import { distance } from "./perspective.ts";
import type { Quad } from "./picture.ts";

interface Extent {
  readonly left: number;
  readonly right: number;
  /** Of the line's middle. */
  readonly y: number;
}

/**
 * The order in which a person reads lines, as indices; `lines` are corners clockwise from each text's own top left, so a page may lie upside down.
 * By Breuel's two rules: a line comes before another when it is above it in the same column, or left of it with no line between the two (from
 * top to bottom) that spans both. So columns are read one after the other, and a headline above both comes first.
 */
export function readingOrder(lines: readonly Quad[]): number[] {
  const extents = level(lines);
  const downwards = [...extents].sort((a, b) => a.y - b.y || a.left - b.left);
  const order: number[] = [];
  const seen = new Set<Extent>();
  // Marked before those that come first are visited: on a wild page the rules may go in circles.
  const visit = (line: Extent) => {
    if (seen.has(line)) return;
    seen.add(line);
    for (const other of downwards) if (!seen.has(other) && comesBefore(other, line, extents)) visit(other);
    order.push(extents.indexOf(line));
  };
  downwards.forEach(visit);
  return order;
}

function comesBefore(one: Extent, other: Extent, all: readonly Extent[]): boolean {
  if (overlap(one, other)) return one.y < other.y;
  if (one.left > other.left) return false;
  const [top, bottom] = [Math.min(one.y, other.y), Math.max(one.y, other.y)];
  return !all.some((between) => between.y > top && between.y < bottom && overlap(between, one) && overlap(between, other));
}

function overlap(one: Extent, other: Extent): boolean {
  return one.left < other.right && other.left < one.right;
}

/** The lines in a frame in which most of them are level and upright. */
function level(lines: readonly Quad[]): Extent[] {
  let [across, down] = [0, 0];
  for (const [from, to] of lines) {
    across += to[0] - from[0];
    down += to[1] - from[1];
  }
  const angle = Math.atan2(down, across);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return lines.map((corners) => {
    const xs = corners.map(([x, y]) => x * cos + y * sin);
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    // Boxes are a little larger than their texts, so neighbours may touch that a reader sees apart.
    const margin = Math.min((right - left) / 4, distance(corners[0], corners[3]) / 2);
    return { left: left + margin, right: right - margin, y: corners.reduce((sum, [x, y]) => sum + y * cos - x * sin, 0) / 4 };
  });
}
