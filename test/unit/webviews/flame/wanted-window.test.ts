import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf } from "../../../../protocol/panels/flame-columns.ts";
import type { FilePart } from "../../../../protocol/panels/flame-file.ts";
import { openColumns } from "../../../../webviews/flame/opened.ts";
import { wantedWindow } from "../../../../webviews/flame/wanted-window.ts";
import { sampleTrace } from "../../../drivers/panels/sample-trace.ts";

const { spans, ...facts } = sampleTrace({ tokens: 2 });
const opened = (part: Partial<FilePart>) =>
  openColumns(facts, columnsOf(spans), { name: "a.inferno-trace", format: "inferno", spans: 1000, leftOut: 500, notes: [], boundsUs: [0, 1e6], fromUs: 0, toUs: 1e6, ...part });
const wanted = (part: Partial<FilePart>, startUs: number, endUs: number) => wantedWindow({ shown: opened(part), mode: "time", view: { startUs, endUs } });

test("a file is read again when one zooms in and spans were left out, or leaves what was read", () => {
  assert.equal(wanted({}, 0, 1e6), null);
  assert.deepEqual(wanted({}, 1000, 2000), { fromUs: 750, toUs: 2250 });
  assert.equal(wanted({ leftOut: 0 }, 1000, 2000), null);
  assert.deepEqual(wanted({ leftOut: 0, fromUs: 1000, toUs: 2000 }, 1500, 2500), { fromUs: 1250, toUs: 2750 });
  assert.equal(wantedWindow({ shown: opened({}), mode: "heavy", view: { startUs: 1, endUs: 2 } }), null);
});

test("the axis is the whole file's, whatever part of it was read", () => {
  assert.deepEqual(opened({}).timeline.layout.bounds, { startUs: 0, endUs: 1e6 });
});
