import assert from "node:assert/strict";
import { test } from "node:test";
import { layOut } from "../../../../webviews/flame/layout.ts";
import { hitNumber, nextHit, search } from "../../../../webviews/flame/search.ts";
import { span } from "./spans.ts";

const spans = [
  span("r", null, "request", 0, 40), span("a", "r", "decode", 0, 10, { batch: 2 }), span("b", "r", "sample", 10, 10, { token: 22 }), span("c", "r", "decode", 20, 10, { batch: 1 }),
];
const layout = layOut(spans);
const found = (query: string) => [...(search(layout, spans, query)?.found ?? [])];

test("names and attributes are searched, in any case", () => {
  assert.deepEqual(found("DEC"), [1, 3]);
  assert.deepEqual(found("batch=2"), [1]);
  assert.deepEqual(found("token"), [2]);
  assert.deepEqual(found(" 2 "), [1, 2]);
  assert.deepEqual(found("nothing like it"), []);
});

test("an empty search is none: nothing is dimmed", () => {
  assert.equal(search(layout, spans, "  "), null);
});

test("next and previous go round, from wherever the selection is", () => {
  const hits = search(layout, spans, "decode");
  assert.ok(hits !== null);
  assert.deepEqual([-1, 0, 1, 2, 3].map((selected) => nextHit(hits, selected, 1)), [1, 1, 3, 3, 1]);
  assert.deepEqual([-1, 0, 1, 2, 3].map((selected) => nextHit(hits, selected, -1)), [3, 3, 3, 1, 1]);
  assert.deepEqual([hitNumber(hits, 3), hitNumber(hits, 2)], [2, 0]);
});
