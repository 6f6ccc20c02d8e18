import type { Layout } from "../layout.ts";
import { arrange, layOutTree, type Placed, type Tree } from "./arrange.ts";
import { stagesTrack, sumUp, widths, type Merged } from "./heavy.ts";
import { stackParents } from "./merge.ts";
import { Stacks } from "./stacks.ts";

export interface Sandwich extends Merged {
  /** Place in the layout's names of what stands in the middle. */
  readonly centre: number;
}

/**
 * Everything of one name in the middle: what called it above, what it called below, each merged and sorted by weight. Of spans inside others
 * of the same name only the outermost count into the total, so that recursion counts no time twice; own time is every span's.
 */
export function sandwich(layout: Layout, self: Float64Array, centre: number): Sandwich {
  const parents = stackParents(layout);
  const below = new Stacks();
  const middle = below.child(-1, centre);
  const nodes = calleesOf(layout, parents, centre, below, middle);
  const sums = sumUp(layout, nodes, below.count, self);
  const above = callersOf(layout, parents, centre, nodes, middle);
  // Recursion: the inner spans lie below the middle, but their number and own time are the name's.
  for (let index = 0; index < layout.count; index++) {
    if (layout.name[index] !== centre || nodes[index] === middle || nodes[index] === -1) continue;
    sums.spans[middle]! += 1;
    sums.selfUs[middle]! += self[index]!;
  }

  const lower = arrange({ count: below.count, parent: below.parent, name: below.name, weight: widths(below, sums.totalUs) });
  const upper = arrange({ count: above.stacks.count, parent: above.stacks.parent, name: above.stacks.name, weight: above.totalUs });
  const height = upper.depth.reduce((deepest, depth) => Math.max(deepest, depth), 0);
  // Both trees as one: the callers' root is the middle, which is there once already.
  const tree = joined(below, widths(below, sums.totalUs), above.stacks, above.totalUs);
  const placed: Placed = {
    node: Int32Array.from({ length: tree.count }, (_, rank) => (rank < below.count ? lower.node[rank]! : upper.node[rank - below.count + 1]! + below.count - 1)),
    start: Float64Array.from({ length: tree.count }, (_, rank) => (rank < below.count ? lower.start[rank]! : upper.start[rank - below.count + 1]!)),
    depth: Uint32Array.from({ length: tree.count }, (_, rank) => (rank < below.count ? lower.depth[rank]! : upper.depth[rank - below.count + 1]!)),
  };
  const rowOf = (rank: number) => (rank < lower.node.length ? height + placed.depth[rank]! : height - placed.depth[rank]!);
  const { layout: drawn, node } = layOutTree({ tree, placed, names: layout.names, bases: layout.bases, tracks: [stagesTrack], trackOf: () => 0, rowOf, rootRow: height });
  const indexOfNode = new Int32Array(tree.count);
  node.forEach((at, index) => (indexOfNode[at] = index));
  return {
    layout: drawn, centre,
    spans: Uint32Array.from(node, (at) => (at < below.count ? sums.spans[at]! : above.spans[at - below.count + 1]!)),
    totalUs: Float64Array.from(node, (at) => (at < below.count ? sums.totalUs[at]! : above.totalUs[at - below.count + 1]!)),
    // Of a caller only the time that it spent in the middle's name is meant, and that is not its own.
    selfUs: Float64Array.from(node, (at) => (at < below.count ? sums.selfUs[at]! : 0)),
    indexOf: nodes.map((at) => (at === -1 ? -1 : indexOfNode[at]!)),
  };
}

/** Ways up longer than this are cut: nobody reads them, and a broken trace could be one long stack. */
const mostCallers = 500;

/** By span: its node below the middle, -1 for those that are not inside it. */
function calleesOf(layout: Layout, parents: Int32Array, centre: number, below: Stacks, middle: number): Int32Array {
  const unknown = -2;
  const nodes = new Int32Array(layout.count).fill(unknown);
  const waiting: number[] = [];
  for (let index = 0; index < layout.count; index++) {
    let next = index;
    while (next !== -1 && nodes[next] === unknown) {
      const parent = parents[next]!;
      const over = parent === -1 ? -1 : nodes[parent]!;
      if (over === unknown) {
        waiting.push(next);
        next = parent;
        continue;
      }
      if (over !== -1) nodes[next] = below.child(over, layout.name[next]!);
      else nodes[next] = layout.name[next] === centre ? middle : -1;
      next = waiting.pop() ?? -1;
    }
  }
  return nodes;
}

/** The ways up from the middle, with the time that the middle took under each. */
function callersOf(layout: Layout, parents: Int32Array, centre: number, nodes: Int32Array, middle: number) {
  const stacks = new Stacks();
  const root = stacks.child(-1, centre);
  let [spans, totalUs] = [new Uint32Array(64), new Float64Array(64)];
  for (let index = 0; index < layout.count; index++) {
    if (nodes[index] !== middle) continue;
    const length = layout.endUs[index]! - layout.startUs[index]!;
    let node = root;
    let left = mostCallers;
    for (let over = index; over !== -1 && left-- > 0; over = parents[over]!) {
      if (over !== index) node = stacks.child(node, layout.name[over]!);
      if (node >= spans.length) [spans, totalUs] = [Uint32Array.from({ length: node * 2 }, (_, at) => spans[at] ?? 0), Float64Array.from({ length: node * 2 }, (_, at) => totalUs[at] ?? 0)];
      spans[node]! += 1;
      totalUs[node]! += length;
    }
  }
  return { stacks, spans, totalUs };
}

function joined(below: Stacks, belowWeight: Float64Array, above: Stacks, aboveWeight: Float64Array): Tree {
  const count = below.count + above.count - 1;
  const [parent, name, weight] = [new Int32Array(count), new Int32Array(count), new Float64Array(count)];
  for (let node = 0; node < below.count; node++) [parent[node], name[node], weight[node]] = [below.parent[node]!, below.name[node]!, belowWeight[node]!];
  for (let node = 1; node < above.count; node++) {
    const at = below.count + node - 1;
    const over = above.parent[node]!;
    [parent[at], name[at], weight[at]] = [over === 0 ? 0 : over + below.count - 1, above.name[node]!, aboveWeight[node]!];
  }
  return { count, parent, name, weight };
}
