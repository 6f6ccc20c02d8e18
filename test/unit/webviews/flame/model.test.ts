import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { InfernoError } from "../../../../protocol/errors.ts";
import { keyAction } from "../../../../webviews/flame/keys.ts";
import { initialFlame, reduceFlame, type FlameAction, type FlameState } from "../../../../webviews/flame/model.ts";
import { sampleTrace } from "../../../drivers/panels/sample-trace.ts";

const trace = sampleTrace({ tokens: 6 });
const received = (state: FlameState, message: Extract<FlameAction, { type: "received" }>["message"]) => reduceFlame(state, { type: "received", message });
const shown = received(initialFlame, { type: "trace", trace });
const press = (state: FlameState, ...keys: string[]): FlameState => keys.reduce((next, key) => {
  const action = keyAction({ key, shift: false }, next);
  return action === null ? next : reduceFlame(next, action);
}, state);
const selectedName = ({ shown: now, selected }: FlameState) => now?.layout.names[now.layout.name[selected] ?? -1];

test("a trace is shown whole, with nothing selected, and the leaves account for it", () => {
  assert.deepEqual(shown.view, shown.shown?.layout.bounds);
  assert.equal(shown.selected, -1);
  assert.ok(shown.shown !== null && shown.shown.accounted > 0.99 && shown.shown.accounted <= 1);
});

test("a failure is kept beside the trace that is shown, until something succeeds", () => {
  const failed = received(reduceFlame(shown, { type: "opening", traceId: "tr_9" }), { type: "failed", error: new InfernoError("trace_not_found", "No trace.").toBody() });
  assert.deepEqual([failed.error?.code, failed.opening, failed.shown === shown.shown], ["trace_not_found", null, true]);
  assert.equal(received(failed, { type: "traces", traces: [] }).error, null);
});

test("the same trace again keeps the place; another one starts anew, with the search still on", () => {
  const placed = reduceFlame(reduceFlame(reduceFlame(shown, { type: "search", query: "decode" }), { type: "select", index: 5 }), { type: "view", view: { startUs: 10, endUs: 20 } });
  const again = received(placed, { type: "trace", trace });
  assert.deepEqual([again.selected, again.view], [5, { startUs: 10, endUs: 20 }]);
  const other = received(placed, { type: "trace", trace: sampleTrace({ id: "tr_other", tokens: 3 }) });
  assert.deepEqual([other.selected, other.view, other.hits?.found.length], [-1, other.shown?.layout.bounds, 3]);
});

test("keys walk the graph: into the request, along its stages, to one of them and back out", () => {
  const inside = press(shown, "ArrowRight", "ArrowDown");
  assert.equal(selectedName(inside), "receive");
  const prefill = press(inside, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight");
  assert.equal(selectedName(prefill), "prefill");
  const zoomed = press(prefill, "Enter");
  assert.ok(zoomed.view.endUs - zoomed.view.startUs < 20_000);
  const out = press(zoomed, "0", "ArrowUp", "Escape");
  assert.deepEqual([out.selected, out.view], [-1, shown.view]);
});

test("whatever keys are pressed, the selection is a span or none and the view stays inside the trace", () => {
  const key = fc.constantFrom("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Enter", "Escape", "+", "-", "0", "a", "d", "w", "s", "Home", "End", "x");
  fc.assert(fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
    const state = press(shown, ...keys);
    const { count, bounds } = shown.shown!.layout;
    assert.ok(state.selected >= -1 && state.selected < count);
    assert.ok(state.view.startUs >= bounds.startUs && state.view.endUs <= bounds.endUs + 1e-6 && state.view.endUs > state.view.startUs);
  }));
});

test("an index that is no span selects nothing", () => {
  assert.equal(reduceFlame(shown, { type: "select", index: 9999 }), shown);
  assert.equal(reduceFlame(initialFlame, { type: "select", index: 0 }), initialFlame);
});
