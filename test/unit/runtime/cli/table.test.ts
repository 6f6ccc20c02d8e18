import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { test } from "node:test";
import { paintFor, plain } from "../../../../runtime/cli/format/paint.ts";
import { formatTable, type Column } from "../../../../runtime/cli/format/table.ts";

interface Row {
  readonly name: string;
  readonly size: number;
}
const columns: Column<Row>[] = [
  { title: "NAME", cell: ({ name }) => name, paint: (text) => `\x1B[1m${text}\x1B[22m` },
  { title: "SIZE", align: "right", cell: ({ size }) => size.toString() },
  { title: "TWICE", cell: ({ name }) => name + name },
];
const rows: Row[] = [{ name: "ember", size: 7 }, { name: "a", size: 12_345 }];

test("columns line up, and colours do not move them", () => {
  assert.deepEqual(formatTable(columns, rows, plain).map(stripVTControlCharacters), [
    "NAME    SIZE  TWICE",
    "ember      7  emberember",
    "a      12345  aa",
  ]);
});

test("a table without rows is its header", () => {
  assert.deepEqual(formatTable(columns, [], plain), ["NAME  SIZE  TWICE"]);
});

test("colours only on a terminal that wants them", () => {
  assert.notEqual(paintFor(true, {}).red("x"), "x");
  assert.equal(paintFor(false, {}).red("x"), "x");
  assert.equal(paintFor(true, { NO_COLOR: "1" }).red("x"), "x");
  assert.notEqual(paintFor(true, { NO_COLOR: "" }).red("x"), "x", "an empty NO_COLOR is none");
  assert.equal(paintFor(true, { TERM: "dumb" }).red("x"), "x");
});
