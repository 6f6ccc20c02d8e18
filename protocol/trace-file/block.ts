import { ByteReader, ByteWriter } from "./bytes.ts";
import { readColumn, readDictionary, type Column } from "./column-read.ts";
import { cellLimit, columnTypes, rowLimit, type ColumnType } from "./column-types.ts";
import { DictionaryWriter, typeOf, writeColumn, type CellColumn } from "./column-write.ts";

/** A table of columns that can be read alone: its texts are inside. */
export interface Block {
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** A column of several kinds of values becomes one column for each. */
export function encodeBlock(rows: number, columns: readonly CellColumn[]): Uint8Array {
  const dictionary = new DictionaryWriter();
  const body = new ByteWriter();
  let count = 0;
  for (const column of columns) {
    for (const type of typesIn(column)) {
      writeColumn(body, dictionary, column, type);
      count += 1;
    }
  }
  const writer = new ByteWriter();
  writer.varint(rows);
  dictionary.write(writer);
  writer.varint(count);
  writer.bytes(body.take());
  return writer.take();
}

function typesIn({ cells }: CellColumn): ColumnType[] {
  const types = new Set<ColumnType>();
  for (const cell of cells) if (cell !== undefined && cell !== null) types.add(typeOf(cell));
  return (Object.keys(columnTypes) as ColumnType[]).filter((type) => types.has(type));
}

export function decodeBlock(bytes: Uint8Array, place: number): Block {
  const reader = new ByteReader(bytes, place);
  const rows = reader.varint();
  if (rows > rowLimit) reader.fail(`${rows} rows are claimed, and a block has ${rowLimit} at most`);
  const dictionary = readDictionary(reader);
  const room = { cells: cellLimit };
  const columns: Column[] = [];
  for (let count = reader.count(3, "columns"); count > 0; count -= 1) {
    const column = readColumn(reader, dictionary, rows, room);
    if (column !== null) columns.push(column);
  }
  return { rows, columns };
}
