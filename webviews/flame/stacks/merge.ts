import { kindOf } from "../kinds.ts";
import type { Layout } from "../layout.ts";
import type { Stacks } from "./stacks.ts";

/** Spans that count into their parent's time: what runs `beside` has stacks of its own. */
export const besideNames = (layout: Layout): readonly boolean[] => layout.bases.map((base) => kindOf(base) === "beside");

/** Each span's own time: its length without its children's. Where a broken recorder lets children outlast their parent, none is left. */
export function selfTimes(layout: Layout): Float64Array {
  const self = new Float64Array(layout.count);
  const beside = besideNames(layout);
  for (let index = 0; index < layout.count; index++) self[index] = layout.endUs[index]! - layout.startUs[index]!;
  for (let index = 0; index < layout.count; index++) {
    const parent = layout.parent[index]!;
    if (parent !== -1 && !(beside[layout.name[index]!]! && !beside[layout.name[parent]!]!)) self[parent]! -= layout.endUs[index]! - layout.startUs[index]!;
  }
  for (let index = 0; index < layout.count; index++) if (self[index]! < 0) self[index] = 0;
  return self;
}

/** The parent in the stacks: a `beside` span below work is the beginning of a stack of its own. */
export function stackParents(layout: Layout): Int32Array {
  const beside = besideNames(layout);
  if (!beside.includes(true)) return layout.parent;
  return layout.parent.map((parent, index) => (parent !== -1 && beside[layout.name[index]!]! && !beside[layout.name[parent]!]! ? -1 : parent));
}

/** Gives each span the node of its path of names; `names` says which of the tree's names each of the layout's names is. */
export function mergeStacks(layout: Layout, stacks: Stacks, names: readonly number[]): Int32Array {
  const parents = stackParents(layout);
  const node = new Int32Array(layout.count).fill(-1);
  const waiting: number[] = [];
  for (let index = 0; index < layout.count; index++) {
    // Parents mostly come first; where a child begins before its parent, the way up is walked once.
    let next = index;
    while (next !== -1 && node[next] === -1) {
      const parent = parents[next]!;
      if (parent === -1 || node[parent] !== -1) {
        node[next] = stacks.child(parent === -1 ? -1 : node[parent]!, names[layout.name[next]!]!);
        next = waiting.pop() ?? -1;
      } else {
        waiting.push(next);
        next = parent;
      }
    }
  }
  return node;
}
