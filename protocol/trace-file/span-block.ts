import type { SpanAttributes } from "../trace.ts";
import { decodeBlock, encodeBlock } from "./block.ts";
import { cellAt, Texts, type Column } from "./column-read.ts";
import type { CellColumn } from "./column-write.ts";
import type { FileSpan } from "./content.ts";
import { invalidFile } from "./faults.ts";

/** A span and its place in the order in which spans were written, which blocks do not keep. */
export interface PlacedSpan {
  readonly place: number;
  readonly span: FileSpan;
}

/** Attributes' columns have this before their key, so that no attribute can be taken for a column of ours. */
const attributePrefix = "@";

/** Times beyond this (285 years) are brought back to it: sums of two of them are still exact. */
export const timeLimit = 2 ** 53;

export function encodeSpans(spans: readonly PlacedSpan[]): Uint8Array {
  const columns: CellColumn[] = [
    { name: "place", cells: spans.map(({ place }) => place) },
    { name: "id", cells: spans.map(({ span }) => span.id) },
    { name: "parent", cells: spans.map(({ span }) => span.parentId) },
    { name: "name", cells: spans.map(({ span }) => span.name) },
    { name: "track", cells: spans.map(({ span }) => span.track) },
    { name: "start", cells: spans.map(({ span }) => span.startUs) },
    { name: "duration", cells: spans.map(({ span }) => span.durationUs) },
  ];
  return encodeBlock(spans.length, [...columns, ...attributeColumns(spans)]);
}

function attributeColumns(spans: readonly PlacedSpan[]): CellColumn[] {
  const columns = new Map<string, SpanAttributes[string][]>();
  spans.forEach(({ span }, row) => {
    for (const [key, value] of Object.entries(span.attributes)) {
      let cells = columns.get(key);
      if (cells === undefined) columns.set(key, (cells = []));
      cells[row] = value;
    }
  });
  return [...columns].map(([key, cells]) => {
    // Rows after the last value, and holes, are gaps.
    cells.length = spans.length;
    return { name: attributePrefix + key, cells: Array.from(cells) };
  });
}

/** Spans as columns, as a viewer wants them; `spanAt` makes one of them an object. */
export class SpanBlock {
  readonly rows: number;
  readonly places: Float64Array;
  readonly ids: Texts;
  /** Codes of `ids`-like texts; NaN for roots. */
  readonly parents: Texts;
  readonly names: Texts;
  readonly tracks: Float64Array;
  readonly startUs: Float64Array;
  readonly durationUs: Float64Array;
  /** How many times were not finite, negative or beyond the limit, and have been put right. */
  readonly repairedTimes: number;
  readonly #attributes: readonly Column[];
  /** For each attribute's column: row to place of the value, made when first asked for. */
  readonly #rows = new Map<Column, ReadonlyMap<number, number>>();

  constructor(bytes: Uint8Array, place: number) {
    const { rows, columns } = decodeBlock(bytes, place);
    const named = new Map<string, Column[]>();
    for (const column of columns) named.set(column.name, [...(named.get(column.name) ?? []), column]);
    const whole = <T extends Column["type"]>(name: string, type: T): Extract<Column, { type: T }> => {
      const found = named.get(name)?.find((column): column is Extract<Column, { type: T }> => column.type === type);
      if (found === undefined) throw invalidFile(place, `the spans have no column "${name}"`);
      if (found.rows !== null) throw invalidFile(place, `some spans have no "${name}"`);
      return found;
    };
    this.rows = rows;
    if (rows === 0) throw invalidFile(place, "it is a block of no spans");
    this.places = whole("place", "number").values;
    this.ids = whole("id", "text").values;
    this.names = whole("name", "text").values;
    this.tracks = whole("track", "number").values;
    this.startUs = whole("start", "number").values;
    this.durationUs = whole("duration", "number").values;
    this.parents = parentsOf(named.get("parent")?.find((column) => column.type === "text"), rows, this.ids.dictionary);
    this.repairedTimes = repairTimes(this.startUs, this.durationUs);
    this.#attributes = columns.filter(({ name }) => name.startsWith(attributePrefix));
  }

  parentAt(row: number): string | null {
    const code = this.parents.codes[row]!;
    return Number.isNaN(code) ? null : this.parents.text(code);
  }

  attributesAt(row: number): SpanAttributes {
    const entries: [string, SpanAttributes[string]][] = [];
    for (const column of this.#attributes) {
      const at = column.rows === null ? row : this.#rowsOf(column, column.rows).get(row);
      if (at === undefined) continue;
      const value = cellAt(column, at);
      if (typeof value !== "object") entries.push([column.name.slice(attributePrefix.length), value]);
    }
    return Object.fromEntries(entries);
  }

  spanAt(row: number): FileSpan {
    return {
      id: this.ids.at(row), parentId: this.parentAt(row), name: this.names.at(row), track: this.tracks[row]!,
      startUs: this.startUs[row]!, durationUs: this.durationUs[row]!, attributes: this.attributesAt(row),
    };
  }

  #rowsOf(column: Column, rows: Uint32Array): ReadonlyMap<number, number> {
    let known = this.#rows.get(column);
    if (known === undefined) this.#rows.set(column, (known = new Map(Array.from(rows, (row, at) => [row, at]))));
    return known;
  }
}

function parentsOf(column: Extract<Column, { type: "text" }> | undefined, rows: number, dictionary: readonly string[]): Texts {
  if (column?.rows === null) return column.values;
  const codes = new Float64Array(rows).fill(Number.NaN);
  column?.rows.forEach((row, at) => void (codes[row] = column.values.codes[at]!));
  return new Texts(codes, dictionary);
}

/** In place. Returns how many. */
function repairTimes(startUs: Float64Array, durationUs: Float64Array): number {
  let repaired = 0;
  for (let row = 0; row < startUs.length; row += 1) {
    const [start, duration] = [startUs[row]!, durationUs[row]!];
    const isGood = Math.abs(start) <= timeLimit && duration >= 0 && duration <= timeLimit;
    if (isGood) continue;
    repaired += 1;
    startUs[row] = Number.isNaN(start) ? 0 : Math.max(-timeLimit, Math.min(timeLimit, start));
    durationUs[row] = duration > 0 ? Math.min(timeLimit, duration) : 0;
  }
  return repaired;
}
