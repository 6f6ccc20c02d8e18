import { spanTable } from "../../protocol/trace.ts";

/** What the layout needs of a span; `Span` of the protocol has it. */
export interface SpanLike {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly startUs: number;
  readonly durationUs: number;
}

/**
 * A trace as typed arrays, so that a million spans draw in milliseconds. A span's place in these arrays ("index") is its rank in time;
 * everything in this panel names spans by it. Row 0 is the root; a span lies below its parent; spans written `beside` the work have lanes
 * of their own at the bottom, so that what ran at the same time is visible.
 */
export interface Layout {
  readonly count: number;
  readonly startUs: Float64Array;
  readonly endUs: Float64Array;
  /** Index into `names`. */
  readonly name: Uint16Array;
  readonly names: readonly string[];
  readonly row: Uint32Array;
  /** Index of the parent, -1 where there is none. */
  readonly parent: Int32Array;
  /** Place of the span in the trace that was laid out. */
  readonly source: Uint32Array;
  readonly rows: readonly Row[];
  /** The time axis: from 0, or an earlier span, to the end of the last one. */
  readonly bounds: { readonly startUs: number; readonly endUs: number };
}

export interface Row {
  /** Indexes of the row's spans, in time order. No two overlap by more than `toleranceUs`. */
  readonly spans: Uint32Array;
  readonly beside: boolean;
}

/** Starts and lengths are sums of doubles: neighbours that touch may overlap by a rounding error. */
export const toleranceUs = 0.001;

export const isBeside = (name: string): boolean => kindOf(name) === "beside";
export const kindOf = (name: string): "group" | "leaf" | "beside" => (isKnown(name) ? spanTable[name].kind : "leaf");
export const isKnown = (name: string): name is keyof typeof spanTable => Object.hasOwn(spanTable, name);

export function layOut(spans: readonly SpanLike[]): Layout {
  const given = parents(spans);
  const depths = depthsOf(given);
  const order = inTimeOrder(spans, depths);
  const count = spans.length;
  const rank = new Int32Array(count);
  for (let index = 0; index < count; index++) rank[order[index]!] = index;

  const startUs = new Float64Array(count);
  const endUs = new Float64Array(count);
  const name = new Uint16Array(count);
  const parent = new Int32Array(count);
  const depth = new Uint32Array(count);
  const names = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    const at = order[index]!;
    const span = spans[at]!;
    startUs[index] = span.startUs;
    endUs[index] = span.startUs + span.durationUs;
    depth[index] = depths[at]!;
    parent[index] = given[at] === -1 ? -1 : rank[given[at]!]!;
    name[index] = placeOf(span.name, names);
  }
  const table = [...names.keys()];
  const { row, rows } = assignRows(startUs, endUs, depth, name, table.map(isBeside));
  return { count, startUs, endUs, name, names: table, row, parent, source: order, rows, bounds: boundsOf(startUs, endUs) };
}

function placeOf(name: string, names: Map<string, number>): number {
  const known = names.get(name);
  if (known !== undefined) return known;
  names.set(name, names.size);
  return names.size - 1;
}

/** Each span's parent as a place in the same list; -1 for a root and for a parent that is not there. */
function parents(spans: readonly SpanLike[]): Int32Array {
  const wanted = new Map<string, number>();
  let last: string | null = null;
  for (const { parentId } of spans) {
    // Neighbours mostly share their parent.
    if (parentId === last || parentId === null) continue;
    wanted.set((last = parentId), -1);
  }
  spans.forEach(({ id }, at) => {
    if (wanted.has(id)) wanted.set(id, at);
  });
  const parent = new Int32Array(spans.length);
  let [lastId, lastPlace]: [string | null, number] = [null, -1];
  for (let at = 0; at < spans.length; at++) {
    const { parentId } = spans[at]!;
    if (parentId !== lastId) [lastId, lastPlace] = [parentId, parentId === null ? -1 : (wanted.get(parentId) ?? -1)];
    parent[at] = lastPlace === at ? -1 : lastPlace;
  }
  return parent;
}

/** How deep each span lies. A cycle, which only a broken recorder writes, is cut where it is met. */
function depthsOf(parent: Int32Array): Uint32Array {
  const depth = new Uint32Array(parent.length);
  const state = new Uint8Array(parent.length);
  const [unknown, open, known] = [0, 1, 2];
  const path: number[] = [];
  for (let at = 0; at < parent.length; at++) {
    let next = at;
    while (next !== -1 && state[next] === unknown) {
      state[next] = open;
      path.push(next);
      next = parent[next]!;
    }
    if (next !== -1 && state[next] === open) {
      parent[path.at(-1)!] = -1;
      next = -1;
    }
    for (let child = path.pop(); child !== undefined; child = path.pop()) {
      depth[child] = next === -1 ? 0 : depth[next]! + 1;
      state[child] = known;
      next = child;
    }
  }
  return depth;
}

/** By start, parents before their children. Traces are written nearly in this order, which the sort makes use of. */
function inTimeOrder(spans: readonly SpanLike[], depth: Uint32Array): Uint32Array {
  const before = (a: number, b: number) => spans[a]!.startUs - spans[b]!.startUs || depth[a]! - depth[b]! || a - b;
  const order = new Uint32Array(spans.length);
  for (let at = 0; at < order.length; at++) order[at] = at;
  for (let at = 1; at < order.length; at++) if (before(at - 1, at) > 0) return order.sort(before);
  return order;
}

/**
 * Every depth has a block of lanes, nearly always one; spans of one depth that overlap are spread over the lanes of their block,
 * so that nothing is ever hidden. The blocks of `beside` spans come after all others.
 */
function assignRows(startUs: Float64Array, endUs: Float64Array, depth: Uint32Array, name: Uint16Array, beside: readonly boolean[]) {
  const blocks: (Block | undefined)[] = [];
  const row = new Uint32Array(startUs.length);
  for (let index = 0; index < startUs.length; index++) {
    const apart = beside[name[index]!]!;
    // Depths with and without `beside` take turns: a plain array is many times faster here than a map.
    const place = 2 * depth[index]! + (apart ? 1 : 0);
    const block = (blocks[place] ??= { beside: apart, laneEnds: [], lanes: [] });
    const start = startUs[index]! + toleranceUs;
    let lane = 0;
    while (lane < block.lanes.length && block.laneEnds[lane]! > start) lane++;
    block.laneEnds[lane] = endUs[index]!;
    (block.lanes[lane] ??= []).push(index);
  }
  const rows: Row[] = [];
  // Depths that only the other kind has are holes.
  const present = blocks.filter((block) => block !== undefined);
  for (const block of [...present.filter(({ beside: apart }) => !apart), ...present.filter(({ beside: apart }) => apart)]) {
    for (const lane of block.lanes) {
      for (const index of lane) row[index] = rows.length;
      rows.push({ spans: Uint32Array.from(lane), beside: block.beside });
    }
  }
  return { row, rows };
}

interface Block {
  readonly beside: boolean;
  /** When the last span of each lane ends. */
  readonly laneEnds: number[];
  readonly lanes: number[][];
}

function boundsOf(startUs: Float64Array, endUs: Float64Array): Layout["bounds"] {
  const first = Math.min(0, startUs[0] ?? 0);
  let last = 0;
  for (let index = 0; index < endUs.length; index++) if (endUs[index]! > last) last = endUs[index]!;
  return { startUs: first, endUs: Math.max(last, first + 1) };
}
