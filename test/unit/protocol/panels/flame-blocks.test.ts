import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { attributesOf } from "../../../../protocol/panels/flame-attributes.ts";
import { chooseBlocks, columnsOfBlocks, type Block } from "../../../../protocol/panels/flame-blocks.ts";
import { columnsOf } from "../../../../protocol/panels/flame-columns.ts";
import type { Span } from "../../../../protocol/trace.ts";
import { anySpans } from "../../webviews/flame/spans.ts";

const blockOf = (spans: readonly Span[], track: (at: number) => number = () => 0): Block => ({
  rows: spans.length, startUs: Float64Array.from(spans, ({ startUs }) => startUs), durationUs: Float64Array.from(spans, ({ durationUs }) => durationUs),
  tracks: Float64Array.from(spans, (_, at) => track(at)),
  idAt: (row) => spans[row]!.id, parentAt: (row) => spans[row]!.parentId, nameAt: (row) => spans[row]!.name, attributesAt: (row) => spans[row]!.attributes,
});

test("blocks as columns are the same as all their spans as columns, wherever the blocks are cut", () => {
  const unique = anySpans.map((spans) => spans.map((span, at) => ({ ...span, id: String(at), attributes: { at } })));
  fc.assert(fc.property(unique, fc.nat(40), (spans, cut) => {
    const [whole, parts] = [columnsOf(spans), columnsOfBlocks([blockOf(spans.slice(0, cut)), blockOf(spans.slice(cut))], [{ id: 0, name: "main" }], () => 0)];
    assert.deepEqual([parts.startUs, parts.endUs, parts.parent, parts.lane], [whole.startUs, whole.endUs, whole.parent, null]);
    assert.deepEqual(spans.map((_, at) => [parts.names[parts.name[at]!], ...attributesOf(parts.attributes, at)]), spans.map(({ name }, at) => [name, ["at", at]]));
  }));
});

test("lanes keep their names; the same id in another trace is another span", () => {
  const spans: Span[] = ["a", "a", "b"].map((id, at) => ({ id, parentId: at === 2 ? "a" : null, name: "run", startUs: at, durationUs: 1, attributes: {} }));
  const columns = columnsOfBlocks([blockOf(spans, (at) => [7, 9, 9][at]!)], [{ id: 7, name: "first" }, { id: 9, name: "second" }], (lane) => lane);
  assert.deepEqual([[...columns.lane!], columns.lanes, [...columns.parent]], [[0, 1, 1], ["first", "second"], [-1, -1, 1]]);
});

test("the longest spans of the part that is looked at are read first, as far as there is room", () => {
  const entry = (fromUs: number, toUs: number, high: number, rows: number) => ({ fromUs, toUs, high, rows });
  const [long, short, elsewhere, huge] = [entry(0, 1000, 900, 10), entry(100, 200, 5, 50), entry(500, 600, 50, 40), entry(0, 1000, 20, 10_000)];
  const all = [short, huge, elsewhere, long];
  assert.deepEqual(chooseBlocks(all, null, 100), { chosen: [long, elsewhere, short], leftOut: 10_000 });
  assert.deepEqual(chooseBlocks(all, { fromUs: 0, toUs: 300 }, 60), { chosen: [long, short], leftOut: 10_000 });
  assert.deepEqual(chooseBlocks([huge], null, 60), { chosen: [huge], leftOut: 0 });
});
