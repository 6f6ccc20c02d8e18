import { NameTable } from "../../../protocol/panels/flame-columns.ts";
import type { Layout } from "../layout.ts";
import { layOutStacks, sumUp } from "./heavy.ts";
import { mergeStacks } from "./merge.ts";
import { Stacks } from "./stacks.ts";

/** Two traces' stacks on one graph: by index what each box took before and after. */
export interface Difference {
  readonly layout: Layout;
  readonly beforeUs: Float64Array;
  readonly afterUs: Float64Array;
  readonly beforeSpans: Uint32Array;
  readonly afterSpans: Uint32Array;
  /** How a box is to be shown: -2 much shorter, -1 shorter, 0 the same, 1 longer, 2 much longer. */
  readonly tone: Int8Array;
  /** By span of the trace after: its box. */
  readonly indexOf: Int32Array;
}

interface Side { readonly layout: Layout; readonly self: Float64Array }

/**
 * Aligned by the path of names, so that a stage stands over against itself wherever it is in time. A box is as wide as the mean of both sides:
 * so what one side lacks is still seen.
 */
export function difference(before: Side, after: Side): Difference {
  const table = new NameTable();
  const stacks = new Stacks();
  const merge = ({ layout }: Side) => mergeStacks(layout, stacks, layout.names.map((name, place) => table.place(name, layout.bases[place]!)));
  const [beforeNodes, afterNodes] = [merge(before), merge(after)];
  const was = sumUp(before.layout, beforeNodes, stacks.count, before.self);
  const is = sumUp(after.layout, afterNodes, stacks.count, after.self);
  const mean = was.totalUs.map((us, node) => (us + is.totalUs[node]!) / 2);
  const { layout, node, indexOf } = layOutStacks(stacks, mean, table);
  const beforeUs = Float64Array.from(node, (at) => was.totalUs[at]!);
  const afterUs = Float64Array.from(node, (at) => is.totalUs[at]!);
  return {
    layout, beforeUs, afterUs,
    beforeSpans: Uint32Array.from(node, (at) => was.spans[at]!),
    afterSpans: Uint32Array.from(node, (at) => is.spans[at]!),
    tone: Int8Array.from(node, (_, index) => toneOf(beforeUs[index]!, afterUs[index]!)),
    indexOf: afterNodes.map((at) => indexOf[at]!),
  };
}

/** Below a twentieth the two count as the same: two runs of the same request differ by that much. */
export function toneOf(before: number, after: number): number {
  const larger = Math.max(before, after);
  if (larger === 0) return 0;
  const part = (after - before) / larger;
  if (Math.abs(part) < 0.05) return 0;
  return Math.sign(part) * (Math.abs(part) >= 0.3 ? 2 : 1);
}
