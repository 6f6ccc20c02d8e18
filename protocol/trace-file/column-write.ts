import { ByteWriter, integerLimit } from "./bytes.ts";
import type { Cell } from "./content.ts";
import { columnTypes, numberForms, type ColumnType } from "./column-types.ts";

/** One named column of a block; undefined and null leave a gap. */
export interface CellColumn {
  readonly name: string;
  readonly cells: readonly (Cell | null | undefined)[];
}

/** Texts of a block, each once. */
export class DictionaryWriter {
  readonly #places = new Map<string, number>();

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.#places.size);
    return this.#places.size - 1;
  }

  write(to: ByteWriter): void {
    const texts = [...this.#places.keys()].map((text) => {
      // UTF-8 has no half of a surrogate pair; JSON escapes it.
      const isWellFormed = text.isWellFormed();
      return { bytes: new TextEncoder().encode(isWellFormed ? text : JSON.stringify(text)), isWellFormed };
    });
    to.varint(texts.length);
    for (const { bytes, isWellFormed } of texts) to.varint(bytes.length * 2 + (isWellFormed ? 0 : 1));
    for (const { bytes } of texts) to.bytes(bytes);
  }
}

export function typeOf(cell: Cell): ColumnType {
  if (typeof cell === "number") return "number";
  if (typeof cell === "string") return "text";
  if (typeof cell === "boolean") return "boolean";
  if (cell instanceof Uint8Array) return "bytes";
  return typeof cell[0] === "string" ? "texts" : "numbers";
}

/** `cells` are of `type` or gaps. */
export function writeColumn(to: ByteWriter, dictionary: DictionaryWriter, { name, cells }: CellColumn, type: ColumnType): void {
  const present: Cell[] = [];
  for (const cell of cells) if (cell !== undefined && cell !== null && typeOf(cell) === type) present.push(cell);
  const body = new ByteWriter();
  const hasGaps = present.length < cells.length;
  if (hasGaps) writeBits(body, cells.map((cell) => cell !== undefined && cell !== null && typeOf(cell) === type));
  writeCells(body, dictionary, present, type);
  to.varint(dictionary.place(name));
  to.u8(columnTypes[type] | (hasGaps ? 128 : 0));
  const bytes = body.take();
  to.varint(bytes.length);
  to.bytes(bytes);
}

/** The casts hold: all cells are of `type`. */
function writeCells(to: ByteWriter, dictionary: DictionaryWriter, cells: readonly Cell[], type: ColumnType): void {
  switch (type) {
    case "number": return writeNumbers(to, cells as readonly number[]);
    case "text": return writeTexts(to, dictionary, cells as readonly string[]);
    case "boolean": return writeBits(to, cells as readonly boolean[]);
    case "bytes":
      for (const bytes of cells as readonly Uint8Array[]) to.varint(bytes.length);
      for (const bytes of cells as readonly Uint8Array[]) to.bytes(bytes);
      return;
    case "numbers":
      for (const list of cells as readonly number[][]) to.varint(list.length);
      return writeNumbers(to, (cells as readonly number[][]).flat());
    case "texts":
      for (const list of cells as readonly string[][]) to.varint(list.length);
      return writeTexts(to, dictionary, (cells as readonly string[][]).flat());
  }
}

function writeNumbers(to: ByteWriter, values: readonly number[]): void {
  const form = formOf(values);
  to.u8(numberForms[form]);
  let before = 0;
  for (const value of values) {
    if (form === "double") to.f64(value);
    else if (form === "single") to.f32(value);
    else to.signed(value - before);
    before = value;
  }
}

const isInteger = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= integerLimit && !Object.is(value, -0);

/** The shortest that loses nothing. */
function formOf(values: readonly number[]): keyof typeof numberForms {
  if (values.every(isInteger)) return "deltas";
  return values.every((value) => Object.is(Math.fround(value), value)) ? "single" : "double";
}

/** Up to fifteen digits, as ids have them: as numbers they need no place in the dictionary. */
const decimal = /^(?:0|[1-9]\d{0,14})$/;

function writeTexts(to: ByteWriter, dictionary: DictionaryWriter, texts: readonly string[]): void {
  let before = 0;
  for (const text of texts) {
    if (!decimal.test(text)) {
      to.varint(dictionary.place(text) * 2);
      continue;
    }
    const value = Number(text);
    const step = value - before;
    to.varint((step >= 0 ? step * 2 : -step * 2 - 1) * 2 + 1);
    before = value;
  }
}

function writeBits(to: ByteWriter, bits: readonly boolean[]): void {
  for (let at = 0; at < bits.length; at += 8) {
    let byte = 0;
    for (let bit = 0; bit < 8; bit += 1) if (bits[at + bit] === true) byte |= 1 << bit;
    to.u8(byte);
  }
}
