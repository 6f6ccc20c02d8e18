import type { SpanAttributes } from "../trace.ts";
import { packAttributes } from "./flame-attributes.ts";
import { NameTable, operationName, type SpanColumns } from "./flame-columns.ts";
import type { FileWindow } from "./flame-file-session.ts";

/** Where a block of spans lies and what it may hold, without reading it. */
export interface BlockEntry {
  readonly rows: number;
  readonly fromUs: number;
  readonly toUs: number;
  /** The longest span's length. */
  readonly high: number;
}

/** Spans of one block, by row. */
export interface Block {
  readonly rows: number;
  readonly startUs: Float64Array;
  readonly durationUs: Float64Array;
  readonly tracks: Float64Array;
  idAt(row: number): string;
  parentAt(row: number): string | null;
  nameAt(row: number): string;
  attributesAt(row: number): SpanAttributes;
}

/** The blocks to read for a window: those of the longest spans first, as many as there is room for. What is left out is too short to be seen from there. */
export function chooseBlocks<E extends BlockEntry>(entries: readonly E[], window: FileWindow | null, room: number): { readonly chosen: readonly E[]; readonly leftOut: number } {
  const inside = window === null ? [...entries] : entries.filter(({ fromUs, toUs }) => !(toUs < window.fromUs) && !(fromUs > window.toUs));
  inside.sort((a, b) => b.high - a.high);
  const chosen: E[] = [];
  let [taken, leftOut] = [0, 0];
  for (const entry of inside) {
    // The first is read whatever its size: an empty graph would say nothing.
    if (taken + entry.rows > room && chosen.length > 0) {
      leftOut += entry.rows;
      continue;
    }
    taken += entry.rows;
    chosen.push(entry);
  }
  return { chosen, leftOut };
}

export interface Lane {
  readonly id: number;
  readonly name: string;
}

/** The blocks' spans as columns. Ids are unique within a lane's trace; a parent that was not read is none. */
export function columnsOfBlocks(blocks: readonly Block[], lanes: readonly Lane[], traceOfLane: (lane: number) => number): SpanColumns {
  const count = blocks.reduce((sum, { rows }) => sum + rows, 0);
  const [startUs, endUs, name, lane, parent] = [new Float64Array(count), new Float64Array(count), new Uint32Array(count), new Uint32Array(count), new Int32Array(count).fill(-1)];
  const names = new NameTable();
  const places = new Map<string, number>();
  const laneOf = new Map(lanes.map(({ id }, place) => [id, place]));
  const attributes: { attributes: SpanAttributes }[] = [];
  const keyOf = (track: number, id: string) => `${traceOfLane(track)} ${id}`;
  let at = 0;
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row++, at++) {
      const of = block.attributesAt(row);
      const called = block.nameAt(row);
      startUs[at] = block.startUs[row]!;
      endUs[at] = block.startUs[row]! + block.durationUs[row]!;
      name[at] = called === "operation" ? names.place(operationName(called, of), called) : names.place(called, called);
      lane[at] = laneOf.get(block.tracks[row]!) ?? 0;
      places.set(keyOf(block.tracks[row]!, block.idAt(row)), at);
      attributes.push({ attributes: of });
    }
  }
  at = 0;
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row++, at++) {
      const id = block.parentAt(row);
      const found = id === null ? undefined : places.get(keyOf(block.tracks[row]!, id));
      if (found !== undefined && found !== at) parent[at] = found;
    }
  }
  return {
    count, startUs, endUs, name, names: names.names, bases: names.bases, parent, attributes: packAttributes(attributes),
    lane: lanes.length > 1 ? lane : null, lanes: lanes.length > 1 ? lanes.map(({ name: label }) => label) : [],
  };
}
