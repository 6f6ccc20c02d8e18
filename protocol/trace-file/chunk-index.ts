import { decodeBlock, encodeBlock } from "./block.ts";
import { chunkHeaderLength, contentLimit } from "./chunk.ts";
import { invalidFile } from "./faults.ts";
import type { Summary } from "./summary.ts";

/** Where a chunk lies and what is in it. Chunks without rows have zeros in the summary. */
export interface ChunkEntry extends Summary {
  readonly kind: number;
  readonly offset: number;
  /** Of its content, without the header. */
  readonly length: number;
}

const columnNames = ["kind", "offset", "length", "rows", "fromUs", "toUs", "low", "high", "subject", "firstTrack", "lastTrack"] as const satisfies (keyof ChunkEntry)[];

export function encodeIndex(entries: readonly ChunkEntry[]): Uint8Array {
  return encodeBlock(entries.length, columnNames.map((name) => ({ name, cells: entries.map((entry) => entry[name]) })));
}

/** `end` is where the index itself begins: what it lists lies before. */
export function decodeIndex(bytes: Uint8Array, place: number, end: number): ChunkEntry[] {
  const { rows, columns } = decodeBlock(bytes, place);
  const values = Object.fromEntries(columnNames.map((name): [keyof ChunkEntry, Float64Array] => {
    const found = columns.find((column) => column.name === name);
    if (found?.type === "number" && found.rows === null) return [name, found.values];
    throw invalidFile(place, `the index has no column "${name}"`);
  })) as Record<keyof ChunkEntry, Float64Array>;
  return Array.from({ length: rows }, (_, row) => {
    const entry = Object.fromEntries(columnNames.map((name) => [name, values[name][row]!])) as Record<keyof ChunkEntry, number>;
    const fits = entry.offset >= 0 && entry.length >= 0 && entry.length <= contentLimit && entry.offset + chunkHeaderLength + entry.length <= end;
    if (!fits || !Number.isInteger(entry.offset) || !Number.isInteger(entry.length)) throw invalidFile(place, `the index lists a chunk outside the file (entry ${row})`);
    return entry;
  });
}
