import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf } from "../../../../protocol/panels/flame-columns.ts";
import { layOutColumns } from "../../../../webviews/flame/layout.ts";
import { factsOf, stepNear, stepsOf } from "../../../../webviews/flame/steps.ts";
import { span } from "./spans.ts";

const columns = columnsOf([
  span("r", null, "request", 0, 100), span("p", "r", "prefill", 5, 20, { tokens: 64, batch: 2 }), span("a", "r", "decode", 30, 10, { batch: 3, position: 64, index: 1 }), span("x", "a", "operation", 32, 4),
  span("s", "r", "sample", 40, 2), span("b", "r", "decode", 50, 15, { drafted: 4, accepted: 1 }), span("c", "r", "decode", 70, 12),
]);
const layout = layOutColumns(columns, null);
const steps = stepsOf(layout);

test("steps are the prompt's chunks and the decodes, in time order, with the median of each kind", () => {
  assert.deepEqual([...steps.at].map((index) => layout.names[layout.name[index]!]), ["prefill", "decode", "decode", "decode"]);
  assert.deepEqual(steps.medianUs, { decode: 12, prefill: 20 });
});

test("the step one is at: the selected one, the one around what is selected, or the last that has begun", () => {
  const at = (id: string) => ["r", "p", "a", "x", "s", "b", "c"].indexOf(id);
  assert.deepEqual(["p", "a", "x", "s", "b", "c", "r"].map((id) => stepNear(steps, layout, at(id), 0)), [0, 1, 1, 1, 2, 3, -1]);
  assert.deepEqual([0, 5, 49, 50, 1000].map((us) => stepNear(steps, layout, -1, us)), [-1, 0, 1, 2, 3]);
});

test("what is known of a step is said, what is not is null", () => {
  const { attributes } = columns;
  assert.deepEqual(factsOf(steps, layout, attributes, 1), { number: 2, of: 4, name: "decode", durationUs: 10, against: 10 / 12 - 1, batch: 3, position: 64, tokens: null, drafted: null, accepted: null });
  const { drafted, accepted, batch } = factsOf(steps, layout, attributes, 2);
  assert.deepEqual([drafted, accepted, batch], [4, 1, null]);
});
