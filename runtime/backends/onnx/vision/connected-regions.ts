import type { Point } from "./picture.ts";

/** Pixels that touch each other, also by a corner. */
export interface Region {
  /** The first and the last pixel of each of its rows: enough for its convex hull. */
  readonly edges: readonly Point[];
  readonly pixels: number;
}

interface Run {
  readonly row: number;
  readonly first: number;
  readonly last: number;
}

/** The regions of a map whose values are above `threshold`, in the order of their first rows. Only runs of pixels are joined, never pixels, so a page costs one look at each value. */
export function connectedRegions(map: Float32Array, width: number, height: number, threshold: number): Region[] {
  const runs: Run[] = [];
  const parents: number[] = [];
  let above = { begin: 0, end: 0 };
  for (let row = 0; row < height; row += 1) {
    const begin = runs.length;
    let candidate = above.begin;
    for (let x = 0; x < width; x += 1) {
      if (!((map[row * width + x] ?? 0) > threshold)) continue;
      const first = x;
      while (x + 1 < width && (map[row * width + x + 1] ?? 0) > threshold) x += 1;
      const index = runs.push({ row, first, last: x }) - 1;
      parents.push(index);
      while (candidate < above.end && (runs[candidate]?.last ?? 0) + 1 < first) candidate += 1;
      for (let other = candidate; other < above.end && (runs[other]?.first ?? width) <= x + 1; other += 1) join(parents, index, other);
    }
    above = { begin, end: runs.length };
  }
  return collect(runs, parents);
}

function collect(runs: readonly Run[], parents: number[]): Region[] {
  const regions = new Map<number, { edges: Point[]; pixels: number }>();
  runs.forEach(({ row, first, last }, index) => {
    const root = rootOf(parents, index);
    const region = regions.get(root) ?? { edges: [], pixels: 0 };
    region.edges.push([first, row], [last, row]);
    region.pixels += last - first + 1;
    regions.set(root, region);
  });
  return [...regions.values()];
}

/** The older run stays the root, so that regions keep the order of their first rows. */
function join(parents: number[], one: number, other: number): void {
  const a = rootOf(parents, one);
  const b = rootOf(parents, other);
  parents[Math.max(a, b)] = Math.min(a, b);
}

function rootOf(parents: number[], index: number): number {
  let root = index;
  while (parents[root] !== root) root = parents[root] ?? root;
  for (let at = index; at !== root;) {
    const next = parents[at] ?? root;
    parents[at] = root;
    at = next;
  }
  return root;
}
