import type { Layout, Row } from "../layout.ts";
import type { Track } from "../tracks.ts";

/** A tree whose nodes are to be laid out side by side, each as wide as it weighs. */
export interface Tree {
  readonly count: number;
  readonly parent: Int32Array;
  readonly name: Int32Array;
  readonly weight: Float64Array;
}

export interface Placed {
  /** By rank: which node. Parents come before their children. */
  readonly node: Int32Array;
  readonly start: Float64Array;
  readonly depth: Uint32Array;
}

/** Children stand in the order of their weight, the heaviest first, from where their parent starts. Roots of each group start at 0. */
export function arrange({ count, parent, name, weight }: Tree, groupOf: (node: number) => number = () => 0): Placed {
  const firstChild = new Int32Array(count + 1).fill(-1);
  const sibling = new Int32Array(count).fill(-1);
  const byWeight = Uint32Array.from({ length: count }, (_, node) => node).sort((a, b) => weight[a]! - weight[b]! || name[b]! - name[a]!);
  // The heaviest is hung up last, and so is first of its siblings. Place 0 holds the roots.
  for (const node of byWeight) {
    const at = parent[node]! + 1;
    sibling[node] = firstChild[at]!;
    firstChild[at] = node;
  }
  const placed = { node: new Int32Array(count), start: new Float64Array(count), depth: new Uint32Array(count) };
  const start = new Float64Array(count);
  const depth = new Uint32Array(count);
  const groupEnds: number[] = [];
  for (let root = firstChild[0]!; root !== -1; root = sibling[root]!) {
    const group = groupOf(root);
    start[root] = groupEnds[group] ?? 0;
    groupEnds[group] = start[root]! + weight[root]!;
  }
  let rank = 0;
  const open: number[] = [];
  for (let root = firstChild[0]!; root !== -1; root = sibling[root]!) {
    open.push(root);
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      placed.node[rank] = node;
      placed.start[rank] = start[node]!;
      placed.depth[rank++] = depth[node]!;
      let at = start[node]!;
      const children: number[] = [];
      for (let child = firstChild[node + 1]!; child !== -1; child = sibling[child]!) {
        start[child] = at;
        depth[child] = depth[node]! + 1;
        at += weight[child]!;
        children.push(child);
      }
      for (let child = children.length - 1; child >= 0; child--) open.push(children[child]!);
    }
  }
  return placed;
}

interface MergedOptions {
  readonly tree: Tree;
  readonly placed: Placed;
  readonly names: readonly string[];
  readonly bases: readonly string[];
  readonly tracks: readonly Track[];
  /** Track and row within it, of each rank. */
  readonly trackOf: (rank: number) => number;
  readonly rowOf: (rank: number) => number;
  readonly rootRow: number;
}

/** The arrangement as a layout: the same drawing, hit test and keys then serve stacks as they serve spans. */
export function layOutTree({ tree, placed, names, bases, tracks, trackOf, rowOf, rootRow }: MergedOptions): { readonly layout: Layout; readonly node: Int32Array } {
  const count = placed.node.length;
  // Track by track in the order of the trees, which is how one reads them: each box before what leads away from it, and along each row by start.
  const order = Uint32Array.from({ length: count }, (_, rank) => rank).sort((a, b) => trackOf(a) - trackOf(b) || a - b);
  const indexOf = new Int32Array(tree.count).fill(-1);
  const node = Int32Array.from(order, (rank) => placed.node[rank]!);
  node.forEach((at, index) => (indexOf[at] = index));
  const startUs = Float64Array.from(order, (rank) => placed.start[rank]!);
  const endUs = startUs.map((start, index) => start + tree.weight[node[index]!]!);
  const parent = node.map((at) => (tree.parent[at] === -1 ? -1 : indexOf[tree.parent[at]!]!));
  const heights = tracks.map(() => 0);
  order.forEach((rank) => (heights[trackOf(rank)] = Math.max(heights[trackOf(rank)]!, rowOf(rank) + 1)));
  const firstRows = heights.map((_, track) => heights.slice(0, track).reduce((sum, height) => sum + height, 0));
  const row = Uint32Array.from(order, (rank) => firstRows[trackOf(rank)]! + rowOf(rank));
  const filling: number[][] = heights.flatMap((height) => Array.from({ length: height }, () => []));
  row.forEach((at, index) => filling[at]!.push(index));
  const rows: Row[] = filling.map((spans, at) => ({ spans: Uint32Array.from(spans), track: firstRows.findLastIndex((first) => first <= at) }));
  let last = 1;
  for (const end of endUs) last = Math.max(last, end);
  const name = Uint32Array.from(node, (at) => tree.name[at]!);
  const layout: Layout = {
    count, startUs, endUs, name, names, bases, row, parent, source: null, rows, tracks, bounds: { startUs: 0, endUs: last }, rootRow, crowded: 0,
  };
  return { layout, node };
}
