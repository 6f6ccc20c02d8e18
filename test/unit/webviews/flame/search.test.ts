import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf } from "../../../../protocol/panels/flame-columns.ts";
import { layOutColumns } from "../../../../webviews/flame/layout.ts";
import { hitNumber, nextHit, search, testOf } from "../../../../webviews/flame/search.ts";
import { span } from "./spans.ts";

const spans = [
  span("r", null, "request", 0, 40), span("a", "r", "decode", 0, 10, { batch: 2 }), span("b", "r", "sample", 10, 10, { token: 22 }), span("c", "r", "decode", 20, 10, { batch: 1 }),
];
const columns = columnsOf(spans);
const layout = layOutColumns(columns, null);
const hitsOf = (text: string, isPattern = false) => {
  const matches = testOf({ text, isPattern });
  return typeof matches === "function" ? search(layout, columns.attributes, matches) : null;
};
const found = (text: string, isPattern = false) => [...(hitsOf(text, isPattern)?.found ?? [])];

test("names and attributes are searched, in any case", () => {
  assert.deepEqual(found("DEC"), [1, 3]);
  assert.deepEqual(found("batch=2"), [1]);
  assert.deepEqual(found("token"), [2]);
  assert.deepEqual(found(" 2 "), [1, 2]);
  assert.deepEqual(found("nothing like it"), []);
});

test("a pattern is searched in names and attributes", () => {
  assert.deepEqual(found("^(decode|sample)$", true), [1, 2, 3]);
  assert.deepEqual(found("^batch=[12]$", true), [1, 3]);
  assert.deepEqual(testOf({ text: "a{2,1}", isPattern: true }), { problem: "The numbers in {} are out of order. (at 2)" });
});

test("an empty search is none: nothing is dimmed", () => {
  assert.equal(testOf({ text: "  ", isPattern: false }), null);
});

test("next and previous go round, from wherever the selection is", () => {
  const hits = hitsOf("decode");
  assert.ok(hits !== null);
  assert.deepEqual([-1, 0, 1, 2, 3].map((selected) => nextHit(hits, selected, 1)), [1, 1, 3, 3, 1]);
  assert.deepEqual([-1, 0, 1, 2, 3].map((selected) => nextHit(hits, selected, -1)), [3, 3, 3, 1, 1]);
  assert.deepEqual([hitNumber(hits, 3), hitNumber(hits, 2)], [2, 0]);
});
