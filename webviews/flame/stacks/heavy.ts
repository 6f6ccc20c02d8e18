import { kindOf } from "../kinds.ts";
import type { Layout } from "../layout.ts";
import type { Track } from "../tracks.ts";
import { arrange, layOutTree, type Tree } from "./arrange.ts";
import { mergeStacks } from "./merge.ts";
import { Stacks } from "./stacks.ts";

/** Merged stacks as a graph, with what each box stands for. */
export interface Merged {
  readonly layout: Layout;
  /** By index of the layout: how many spans were merged, and how long they took together, with and without their children. */
  readonly spans: Uint32Array;
  readonly totalUs: Float64Array;
  readonly selfUs: Float64Array;
  /** By span: the index of the box into which it was merged, -1 for none. */
  readonly indexOf: Int32Array;
}

export const stagesTrack: Track = { key: "0:stages", kind: "stages", layer: null, trace: 0 };
const besideTrack: Track = { key: "0:beside", kind: "beside", layer: null, trace: 0 };

/** Identical stacks merged, the heaviest on the left: where the time goes, whenever it went there. */
export function leftHeavy(source: Layout, self: Float64Array): Merged {
  const stacks = new Stacks();
  const nodes = mergeStacks(source, stacks, source.names.map((_, place) => place));
  const sums = sumUp(source, nodes, stacks.count, self);
  const { layout, node, indexOf } = layOutStacks(stacks, sums.totalUs, source);
  return {
    layout,
    spans: Uint32Array.from(node, (at) => sums.spans[at]!),
    totalUs: Float64Array.from(node, (at) => sums.totalUs[at]!),
    selfUs: Float64Array.from(node, (at) => sums.selfUs[at]!),
    indexOf: nodes.map((at) => indexOf[at]!),
  };
}

export function sumUp(layout: Layout, nodes: Int32Array, count: number, self: Float64Array) {
  const sums = { spans: new Uint32Array(count), totalUs: new Float64Array(count), selfUs: new Float64Array(count) };
  for (let index = 0; index < layout.count; index++) {
    const node = nodes[index]!;
    if (node === -1) continue;
    sums.spans[node]! += 1;
    sums.totalUs[node]! += layout.endUs[index]! - layout.startUs[index]!;
    sums.selfUs[node]! += self[index]!;
  }
  return sums;
}

/** The stacks as a graph: work above, what runs beside it on a track below. `indexOf` says where each node went. */
export function layOutStacks(stacks: Stacks, totals: Float64Array, { names, bases }: Pick<Layout, "names" | "bases">) {
  const tree: Tree = { count: stacks.count, parent: stacks.parent, name: stacks.name, weight: widths(stacks, totals) };
  // Children of what runs beside lie in its track, whatever they are called.
  const apart = new Uint8Array(stacks.count);
  for (let node = 0; node < stacks.count; node++) {
    const parent = stacks.parent[node]!;
    apart[node] = parent === -1 ? (kindOf(bases[stacks.name[node]!]!) === "beside" ? 1 : 0) : apart[parent]!;
  }
  const placed = arrange(tree, (node) => apart[node]!);
  const present = [0, 1].filter((group) => apart.includes(group));
  const { layout, node } = layOutTree({
    tree, placed, names, bases, tracks: present.map((group) => (group === 0 ? stagesTrack : besideTrack)),
    trackOf: (rank) => present.indexOf(apart[placed.node[rank]!]!), rowOf: (rank) => placed.depth[rank]!, rootRow: 0,
  });
  const indexOf = new Int32Array(stacks.count);
  node.forEach((at, index) => (indexOf[at] = index));
  return { layout, node, indexOf };
}

/** A node is at least as wide as its children together, also where these ran at the same time or outlasted it. */
export function widths(stacks: Stacks, totals: Float64Array): Float64Array {
  const inside = new Float64Array(stacks.count);
  const width = new Float64Array(stacks.count);
  // A child is always made after its parent.
  for (let node = stacks.count - 1; node >= 0; node--) {
    width[node] = Math.max(totals[node]!, inside[node]!);
    const parent = stacks.parent[node]!;
    if (parent !== -1) inside[parent]! += width[node]!;
  }
  return width;
}
