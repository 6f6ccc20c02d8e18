import assert from "node:assert/strict";
import { test } from "node:test";
import { initialFlame, reduceFlame, type FlameState } from "../../../../webviews/flame/model.ts";
import { copyOf, rowsToCopy, stageTable, tableOf, type Table } from "../../../../webviews/flame/table.ts";
import { sampleTrace } from "../../../drivers/panels/sample-trace.ts";

const shown = reduceFlame(initialFlame, { type: "received", message: { type: "trace", trace: sampleTrace({ tokens: 2 }), compare: false, atUs: null } });
const twin = ({ chart, timeline, shown: opened }: FlameState) => tableOf(chart!, timeline!, opened!.trace.durationUs);

test("each view has a table of its boxes, as many columns in every row as in the head", () => {
  const second = reduceFlame(shown, { type: "received", message: { type: "trace", trace: sampleTrace({ id: "tr_b", tokens: 3 }), compare: true, atUs: null } });
  for (const state of [shown, reduceFlame(shown, { type: "mode", mode: "heavy" }), reduceFlame(shown, { type: "mode", mode: "sandwich" }), second]) {
    const table = twin(state);
    assert.equal(table.count, state.chart!.layout.count);
    for (let index = 0; index < table.count; index++) assert.equal(table.cells(index).length, table.columns.length, state.mode);
  }
});

const hostile: Table = { columns: ["#", "Span"], count: 2, depth: (index) => index, cells: (index) => [String(index), ["a|b\tc\nd", "=cmd()"][index]!] };

test("a copy is one line a row, whatever names hold, and no formula", () => {
  assert.equal(copyOf(hostile, [0, 1], "tsv").text, "#\tSpan\n0\ta|b c d\n1\t  =cmd()\n");
  assert.equal(copyOf(hostile, [0], "markdown").text, "| # | Span |\n| --: | :-- |\n| 0 | a\\|b c d |\n");
});

test("what is copied: what was picked, else what was found, else what is in view", () => {
  const { chart } = shown;
  assert.deepEqual(rowsToCopy(chart!, [3], Uint32Array.of(4), shown.view), [3]);
  assert.deepEqual(Array.from(rowsToCopy(chart!, [], Uint32Array.of(4), shown.view)), [4]);
  assert.deepEqual(rowsToCopy(chart!, [], null, { startUs: 700, endUs: 800 }), [0, 2]);
});

test("the stages as a table, sorted as shown", () => {
  const table = stageTable(shown.shown!.stages, { column: "totalUs", descending: true });
  assert.deepEqual(table.cells(0).slice(0, 3), ["1", "request", "1"]);
});
