import { columnsOf, type SpanColumns, type SpanLike } from "../../protocol/panels/flame-columns.ts";
import { depthsOf, timeOrder } from "./order.ts";
import { assignRows } from "./rows.ts";
import { tracksOf, type Track } from "./tracks.ts";

/**
 * What a graph draws, as typed arrays, so that a million boxes draw in milliseconds: spans over time, or merged stacks over their weight. A box's place
 * in these arrays ("index") is its rank in time, or in the order of its tree; everything in this panel names boxes by it. Boxes lie below their parents; spans written
 * `beside` the work have tracks of their own at the bottom, so that what ran at the same time is visible.
 */
export interface Layout {
  readonly count: number;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  /** Place in `names` and `bases`. */
  readonly name: Uint32Array;
  readonly names: readonly string[];
  /** The span table's name for each of `names`. */
  readonly bases: readonly string[];
  readonly row: Uint32Array;
  /** Index of the parent, -1 where there is none. */
  readonly parent: Int32Array;
  /** Place of the span in the columns that were laid out; null where the order is the same. */
  readonly source: Uint32Array | null;
  readonly rows: readonly Row[];
  readonly tracks: readonly Track[];
  /** The axis: from 0, or an earlier span, to the end of the last one. */
  readonly bounds: { readonly startUs: number; readonly endUs: number };
  /** The row from which the boxes lead away, up and down: 0 but for a sandwich. */
  readonly rootRow: number;
  /** How many spans overlap so many others that they had to share a row. */
  readonly crowded: number;
}

export interface Row {
  /** Indexes of the row's boxes, in their order along the axis. No two overlap by more than `toleranceUs`, but for crowded ones. */
  readonly spans: Uint32Array;
  /** Place in `tracks`. */
  readonly track: number;
}

export const sourceOf = (layout: Layout, index: number): number => (layout.source === null ? index : layout.source[index]!);

export const layOut = (spans: readonly SpanLike[]): Layout => layOutColumns(columnsOf(spans), null);

/** `traceOf` says of a span to which of two traces it belongs, where two are open. */
export function layOutColumns(columns: SpanColumns, traceOf: ((span: number) => number) | null): Layout {
  const { count, names, bases } = columns;
  const given = columns.parent.slice();
  const depths = depthsOf(given);
  const order = timeOrder(columns, depths);
  const tracks = tracksOf(columns, traceOf);
  const [startUs, endUs, name, parent, depth, track] = order === null
    ? [columns.startUs, columns.endUs, columns.name, given, depths, tracks.of]
    : [inOrder(columns.startUs, order), inOrder(columns.endUs, order), inOrder(columns.name, order), renumbered(given, order), inOrder(depths, order), inOrder(tracks.of, order)];
  return {
    count, startUs, endUs, name, names, bases, parent, source: order, tracks: tracks.tracks, bounds: boundsOf(startUs, endUs), rootRow: 0,
    ...assignRows(startUs, endUs, depth, track, tracks.tracks.length),
  };
}

function inOrder<T extends Float64Array | Uint32Array>(column: T, order: Uint32Array): T {
  const sorted = column.slice() as T;
  for (let index = 0; index < order.length; index++) sorted[index] = column[order[index]!]!;
  return sorted;
}

function renumbered(parent: Int32Array, order: Uint32Array): Int32Array {
  const rank = new Int32Array(order.length);
  for (let index = 0; index < order.length; index++) rank[order[index]!] = index;
  return rank.map((_, index) => {
    const above = parent[order[index]!]!;
    return above === -1 ? -1 : rank[above]!;
  });
}

export function boundsOf(startUs: Float64Array, endUs: Float64Array): Layout["bounds"] {
  const first = Math.min(0, startUs[0] ?? 0);
  let last = 0;
  for (let index = 0; index < endUs.length; index++) if (endUs[index]! > last) last = endUs[index]!;
  return { startUs: first, endUs: Math.max(last, first + 1) };
}
