import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { InfernoError } from "../../../../protocol/errors.ts";
import { keyAction, panelKey } from "../../../../webviews/flame/keys.ts";
import { initialFlame, reduceFlame, type FlameAction, type FlameState } from "../../../../webviews/flame/model.ts";
import { summaryText } from "../../../../webviews/flame/selected.ts";
import { sampleTrace } from "../../../drivers/panels/sample-trace.ts";

const trace = sampleTrace({ tokens: 6 });
const received = (state: FlameState, message: Extract<FlameAction, { type: "received" }>["message"]) => reduceFlame(state, { type: "received", message });
const shown = received(initialFlame, { type: "trace", trace, compare: false, atUs: null });
const press = (state: FlameState, ...keys: string[]): FlameState => keys.reduce((next, key) => {
  const action = keyAction({ key, shift: false }, next) ?? panelKey({ key, shift: false });
  return action === null ? next : reduceFlame(next, action);
}, state);
const selectedName = ({ chart, selected }: FlameState) => chart?.layout.names[chart.layout.name[selected] ?? -1];

test("a trace is shown whole, with nothing selected, and the leaves account for it", () => {
  assert.deepEqual(shown.view, shown.chart?.layout.bounds);
  assert.equal(shown.selected, -1);
  assert.ok(shown.shown !== null && shown.shown.accounted > 0.99 && shown.shown.accounted <= 1);
});

test("a failure is kept beside the trace that is shown, until something succeeds", () => {
  const failed = received(reduceFlame(shown, { type: "opening", traceId: "tr_9" }), { type: "failed", error: new InfernoError("trace_not_found", "No trace.").toBody() });
  assert.deepEqual([failed.error?.code, failed.opening, failed.shown === shown.shown], ["trace_not_found", null, true]);
  assert.equal(received(failed, { type: "traces", traces: [] }).error, null);
});

test("the same trace again keeps the place; another one starts anew, with the search still on", () => {
  const placed = reduceFlame(reduceFlame(reduceFlame(shown, { type: "search", query: { text: "decode", isPattern: false } }), { type: "select", index: 5 }), { type: "view", view: { startUs: 10, endUs: 20 } });
  const again = received(placed, { type: "trace", trace, compare: false, atUs: null });
  assert.deepEqual([again.selected, again.view], [5, { startUs: 10, endUs: 20 }]);
  const other = received(placed, { type: "trace", trace: sampleTrace({ id: "tr_other", tokens: 3 }), compare: false, atUs: null });
  assert.deepEqual([other.selected, other.view, other.hits?.found.length], [-1, other.chart?.layout.bounds, 3]);
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
  const key = fc.constantFrom("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Enter", "Escape", "+", "-", "0", "a", "d", "w", "s", "Home", "End", "x", " ", "f", "1", "2", "3", "4", ",", ".");
  fc.assert(fc.property(fc.array(key, { maxLength: 60 }), (keys) => {
    const state = press(shown, ...keys);
    const { count, bounds } = state.chart!.layout;
    assert.ok(state.selected >= -1 && state.selected < count);
    assert.ok(state.view.startUs >= bounds.startUs && state.view.endUs <= bounds.endUs + 1e-6 && state.view.endUs > state.view.startUs);
  }));
});

test("an index that is no span selects nothing", () => {
  assert.equal(reduceFlame(shown, { type: "select", index: 9999 }), shown);
  assert.equal(reduceFlame(initialFlame, { type: "select", index: 0 }), initialFlame);
});

test("a view keeps what was selected: the span's box, and back to a span of that box", () => {
  const decode = press(shown, ".", ".", ".", ".");
  assert.equal(selectedName(decode), "decode");
  const heavy = press(decode, "2");
  assert.deepEqual([heavy.mode, selectedName(heavy), heavy.chart?.layout.count], ["heavy", "decode", new Set(trace.spans.map(({ name }) => name)).size]);
  const middle = press(heavy, "3");
  assert.deepEqual([middle.mode, middle.centre, selectedName(middle)], ["sandwich", "decode", "decode"]);
  assert.equal(selectedName(press(middle, "ArrowUp")), "request");
  assert.equal(selectedName(press(middle, "1")), "decode");
});

test("steps go one by one through prompt and decode, and stop at the ends", () => {
  const first = press(shown, ".");
  assert.equal(selectedName(first), "prefill");
  assert.equal(press(first, ",").selected, first.selected);
  const last = press(first, ...Array.from({ length: 30 }, () => "."));
  assert.equal(selectedName(last), "decode");
  assert.equal(press(last, ".").selected, last.selected);
  assert.equal(press(shown, "2", ".").mode, "time");
});

test("two traces: the difference, swapped, and both on one axis; the first alone again", () => {
  const slower = received(shown, { type: "trace", trace: sampleTrace({ id: "tr_slow", tokens: 6, slower: 2, minutesAgo: 1 }), compare: true, atUs: null });
  assert.equal(slower.mode, "compare");
  const at = (state: FlameState, name: string) => {
    assert.ok(state.chart?.mode === "compare");
    const { layout, difference } = state.chart;
    const index = layout.name.indexOf(layout.names.indexOf(name));
    return [difference.beforeUs[index], difference.afterUs[index], difference.tone[index]];
  };
  const [before, after, tone] = at(slower, "tokenize");
  assert.deepEqual([before, after, tone], [380, 760, 2]);
  assert.deepEqual(at(reduceFlame(slower, { type: "swap" }), "tokenize"), [760, 380, -2]);
  const both = press(slower, "1");
  assert.deepEqual(new Set(both.chart?.layout.tracks.map((track) => track.trace)), new Set([0, 1]));
  const alone = reduceFlame(both, { type: "closeOther" });
  assert.equal(alone.chart?.layout.count, trace.spans.length);
  assert.equal(press(shown, "4").mode, "time", "nothing to compare with");
});

test("several are picked with Space and summed up; Escape and a plain click let go of them", () => {
  const two = press(press(shown, "ArrowRight", "ArrowDown", " "), "ArrowRight", " ");
  assert.equal(two.picked.length, 2);
  assert.match(summaryText(two), /^2 spans · 5\.94 ms total · 5\.94 ms own · /);
  assert.deepEqual(reduceFlame(two, { type: "select", index: 3 }).picked, []);
  assert.deepEqual(press(two, "Escape").picked, []);
});

test("a wrong pattern is said, and finds nothing", () => {
  const wrong = reduceFlame(shown, { type: "search", query: { text: "dec(ode", isPattern: true } });
  assert.deepEqual([wrong.problem, wrong.hits], ["This ( is not closed. (at 4)", null]);
});
