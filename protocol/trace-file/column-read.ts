import { integerLimit, type ByteReader } from "./bytes.ts";
import { columnTypes, numberForms, type ColumnType } from "./column-types.ts";
import type { Cell } from "./content.ts";

interface Base {
  readonly name: string;
  /** Row of each value; null when every row has one. */
  readonly rows: Uint32Array | null;
}

/** One column as it lies in memory: values without gaps. */
export type Column =
  | (Base & { readonly type: "number"; readonly values: Float64Array })
  | (Base & { readonly type: "text"; readonly values: Texts })
  | (Base & { readonly type: "boolean"; readonly values: Uint8Array })
  | (Base & { readonly type: "bytes"; readonly values: readonly Uint8Array[] })
  | (Base & { readonly type: "numbers"; readonly values: Lists<Float64Array> })
  | (Base & { readonly type: "texts"; readonly values: Lists<Texts> });

interface Lists<T> {
  /** Where each list ends in `flat`. */
  readonly ends: Float64Array;
  readonly flat: T;
}

/** Texts as numbers: 0 and more is a place in the block's dictionary, below it the decimal text of -1 - code. */
export class Texts {
  readonly codes: Float64Array;
  readonly dictionary: readonly string[];

  constructor(codes: Float64Array, dictionary: readonly string[]) {
    this.codes = codes;
    this.dictionary = dictionary;
  }

  get length(): number {
    return this.codes.length;
  }

  at(index: number): string {
    return this.text(this.codes[index]!);
  }

  text(code: number): string {
    return code < 0 ? String(-1 - code) : this.dictionary[code]!;
  }
}

export function readDictionary(from: ByteReader): string[] {
  const lengths = Array.from({ length: from.count(1, "texts") }, () => from.varint());
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return lengths.map((length) => {
    const bytes = from.bytes(Math.floor(length / 2));
    try {
      const text = decoder.decode(bytes);
      return length % 2 === 0 ? text : String(JSON.parse(text));
    } catch {
      return from.fail("a text is not UTF-8");
    }
  });
}

/** How many values a block may still make room for. */
export interface Room {
  cells: number;
}

export function readColumn(from: ByteReader, dictionary: readonly string[], rowCount: number, room: Room): Column | null {
  const name = textAt(from, dictionary, from.varint());
  const flags = from.u8();
  const body = from.part(from.varint());
  const type = nameOfType(flags & 127);
  // A later minor version's: its length is known, so it can be passed over.
  if (type === null) return null;
  const rows = (flags & 128) === 0 ? null : readRows(body, rowCount, room);
  const count = rows?.length ?? rowCount;
  take(body, room, count);
  return { name, rows, ...readCells(body, dictionary, type, count, room) };
}

type Values = Column extends infer C ? C extends Column ? Omit<C, keyof Base> : never : never;

function readCells(from: ByteReader, dictionary: readonly string[], type: ColumnType, count: number, room: Room): Values {
  switch (type) {
    case "number": return { type, values: readNumbers(from, count) };
    case "text": return { type, values: readTexts(from, dictionary, count) };
    case "boolean": return { type, values: readBits(from, count) };
    case "bytes": {
      const lengths = readLengths(from, count);
      return { type, values: Array.from(lengths, (length) => from.bytes(length).slice()) };
    }
    case "numbers": {
      const ends = readEnds(from, count, room);
      return { type, values: { ends, flat: readNumbers(from, ends.at(-1) ?? 0) } };
    }
    case "texts": {
      const ends = readEnds(from, count, room);
      return { type, values: { ends, flat: readTexts(from, dictionary, ends.at(-1) ?? 0) } };
    }
  }
}

function readNumbers(from: ByteReader, count: number): Float64Array {
  const form = from.u8();
  const width = form === numberForms.double ? 8 : form === numberForms.single ? 4 : 1;
  if (form > numberForms.single) from.fail(`there is no form ${form} of numbers`);
  from.need(count, width);
  const values = new Float64Array(count);
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    if (width === 8) values[index] = from.f64();
    else if (width === 4) values[index] = from.f32();
    else {
      before += from.signed();
      if (Math.abs(before) > integerLimit) from.fail("a whole number is too large");
      values[index] = before;
    }
  }
  return values;
}

function readTexts(from: ByteReader, dictionary: readonly string[], count: number): Texts {
  from.need(count, 1);
  const codes = new Float64Array(count);
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    const value = from.varint();
    if (value % 2 === 0) {
      if (value / 2 >= dictionary.length) from.fail(`there is no text ${value / 2}`);
      codes[index] = value / 2;
      continue;
    }
    const step = (value - 1) / 2;
    before += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    if (before < 0 || before > integerLimit) from.fail("a text of digits is out of range");
    codes[index] = -1 - before;
  }
  return new Texts(codes, dictionary);
}

function readRows(from: ByteReader, rowCount: number, room: Room): Uint32Array {
  const bits = from.bytes(Math.ceil(rowCount / 8));
  let count = 0;
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count += 1;
  take(from, room, count);
  const rows = new Uint32Array(count);
  let at = 0;
  for (let row = 0; row < rowCount && at < count; row += 1) if (bitAt(bits, row)) rows[at++] = row;
  // Bits beyond the last row are nobody's.
  return rows.subarray(0, at);
}

function readBits(from: ByteReader, count: number): Uint8Array {
  const bits = from.bytes(Math.ceil(count / 8));
  return Uint8Array.from({ length: count }, (_, index) => (bitAt(bits, index) ? 1 : 0));
}

const bitAt = (bits: Uint8Array, index: number): boolean => ((bits[index >> 3]! >> (index & 7)) & 1) === 1;

function readLengths(from: ByteReader, count: number): Float64Array {
  from.need(count, 1);
  return Float64Array.from({ length: count }, () => from.varint());
}

function readEnds(from: ByteReader, count: number, room: Room): Float64Array {
  const ends = readLengths(from, count);
  let sum = 0;
  for (let index = 0; index < count; index += 1) {
    sum += ends[index]!;
    ends[index] = sum;
  }
  if (sum > from.left) from.fail(`${sum} values are claimed in lists, and ${from.left} bytes are left`);
  take(from, room, sum);
  return ends;
}

function take(from: ByteReader, room: Room, cells: number): void {
  room.cells -= cells;
  if (room.cells < 0) from.fail("it claims more values than a block may have");
}

function textAt(from: ByteReader, dictionary: readonly string[], place: number): string {
  return dictionary[place] ?? from.fail(`there is no text ${place}`);
}

function nameOfType(type: number): ColumnType | null {
  const found = Object.entries(columnTypes).find(([, value]) => value === type);
  return found === undefined ? null : found[0] as ColumnType;
}

/** The cell at a place among the column's values. */
export function cellAt(column: Column, index: number): Cell {
  switch (column.type) {
    case "number": return column.values[index]!;
    case "text": return column.values.at(index);
    case "boolean": return column.values[index] === 1;
    case "bytes": return column.values[index]!;
    case "numbers": return [...column.values.flat.subarray(startOf(column.values.ends, index), column.values.ends[index])];
    case "texts": {
      const { ends, flat } = column.values;
      return Array.from(flat.codes.subarray(startOf(ends, index), ends[index]), (code) => flat.text(code));
    }
  }
}

const startOf = (ends: Float64Array, index: number): number => (index === 0 ? 0 : ends[index - 1]!);
