import type { ErrorBody } from "../../protocol/errors.ts";
import type { ToFlame } from "../../protocol/panels/flame.ts";
import type { TraceSummary } from "../../protocol/trace.ts";
import { chartOf, hitsIn, together, type Chart, type Mode, type Timeline } from "./chart.ts";
import { foldedAtFirst } from "./geometry.ts";
import { openColumns, openTrace, type Opened } from "./opened.ts";
import { noQuery, search, testOf, type Hits, type Query } from "./search.ts";
import { carrySelection, sameSpan } from "./selection.ts";
import { sortBy, type Sort, type StageColumn } from "./stages.ts";
import { stepNear } from "./steps.ts";
import { fit, reveal, zoomTo, type Viewport } from "./viewport.ts";

export type Tab = "stages" | "spans" | "request";

export interface FlameState {
  /** Null until the first list has come. */
  readonly traces: readonly TraceSummary[] | null;
  readonly shown: Opened | null;
  /** The trace that is compared with the first one. */
  readonly other: Opened | null;
  /** Of the first trace, or of both together. */
  readonly timeline: Timeline | null;
  readonly mode: Mode;
  /** What is drawn: the mode's view of what is open. */
  readonly chart: Chart | null;
  /** The name in the middle of the sandwich; null for the busiest. */
  readonly centre: string | null;
  /** Keys of the tracks that are folded. */
  readonly folded: ReadonlySet<string>;
  /** The trace that was asked for and has not come yet. */
  readonly opening: string | null;
  readonly error: ErrorBody["error"] | null;
  readonly view: Viewport;
  /** Index in the chart's layout, -1 for none. */
  readonly selected: number;
  /** What was selected besides, in ascending order. */
  readonly picked: readonly number[];
  readonly query: Query;
  /** What is wrong with the query's pattern. */
  readonly problem: string | null;
  /** In the chart's layout. */
  readonly hits: Hits | null;
  readonly tab: Tab;
  readonly sort: Sort;
}

export type FlameAction =
  | { readonly type: "received"; readonly message: ToFlame }
  | { readonly type: "opening"; readonly traceId: string }
  | { readonly type: "view"; readonly view: Viewport }
  /** `reveal` moves the view so that the span is seen; `zoom` fills the view with it. `keep` leaves what was picked besides. */
  | { readonly type: "select"; readonly index: number; readonly show?: "reveal" | "zoom" | undefined; readonly keep?: boolean }
  /** Adds a box to what is selected, or takes it out again. */
  | { readonly type: "pick"; readonly index: number }
  | { readonly type: "search"; readonly query: Query }
  | { readonly type: "mode"; readonly mode: Mode }
  /** Shows this name in the sandwich. */
  | { readonly type: "centre"; readonly name: string }
  | { readonly type: "fold"; readonly key: string }
  /** The decode step before or after the one that is looked at. */
  | { readonly type: "step"; readonly by: -1 | 1 }
  | { readonly type: "swap" }
  | { readonly type: "closeOther" }
  | { readonly type: "tab"; readonly tab: Tab }
  | { readonly type: "sort"; readonly column: StageColumn };

export const initialFlame: FlameState = {
  traces: null, shown: null, other: null, timeline: null, mode: "time", chart: null, centre: null, folded: new Set(), opening: null, error: null,
  view: { startUs: 0, endUs: 1 }, selected: -1, picked: [], query: noQuery, problem: null, hits: null, tab: "stages", sort: { column: "totalUs", descending: true },
};

export function reduceFlame(state: FlameState, action: FlameAction): FlameState {
  switch (action.type) {
    case "received":
      return receive(state, action.message);
    case "opening":
      return { ...state, opening: action.traceId, error: null };
    case "view":
      return { ...state, view: action.view };
    case "select":
      return select(state, action);
    case "pick":
      return pick(state, action.index);
    case "search":
      return withQuery(state, action.query);
    case "mode":
      return action.mode === state.mode ? state : withMode(state, action.mode, action.mode === "sandwich" ? selectedName(state) : null);
    case "centre":
      return withMode(state, "sandwich", action.name);
    case "fold":
      return { ...state, folded: toggled(state.folded, action.key) };
    case "step":
      return step(state, action.by);
    case "swap":
      return state.other === null || state.shown === null ? state : withTraces(state, state.other, state.shown, state.mode);
    case "closeOther":
      return state.shown === null ? state : withTraces(state, state.shown, null, state.mode === "compare" ? "time" : state.mode);
    case "tab":
      return { ...state, tab: action.tab };
    case "sort":
      return { ...state, sort: sortBy(state.sort, action.column) };
  }
}

function receive(state: FlameState, message: ToFlame): FlameState {
  switch (message.type) {
    case "traces":
      return { ...state, traces: message.traces, error: null };
    case "failed":
      return { ...state, opening: null, error: message.error.error };
    case "file": {
      // The same file again is more of it: what one looks at stays.
      const opened = openColumns(message.trace, message.columns, message.file);
      return show(state, opened);
    }
    case "trace": {
      const opened = openTrace(message.trace);
      if (!message.compare || state.shown === null) return atMoment(show(state, opened), message.atUs);
      return withTraces(state, state.shown, opened, "compare");
    }
  }
}

function show(state: FlameState, opened: Opened): FlameState {
  const again = state.shown?.trace.id === opened.trace.id;
  if (!again) return withTraces({ ...state, folded: foldedAtFirst(opened.timeline.layout.tracks) }, opened, null, state.mode === "compare" ? "time" : state.mode);
  // The same trace again, when it was still running: the place one looks at stays.
  const { view, selected } = state;
  const next = withTraces(state, opened, state.other, state.mode);
  const bounds = next.chart?.layout.bounds;
  if (state.mode !== "time" || bounds === undefined || view.endUs > bounds.endUs) return next;
  return { ...next, view, selected: sameSpan(state.chart, next.chart, selected) };
}

/** With the decode step of this moment selected. */
function atMoment(state: FlameState, atUs: number | null): FlameState {
  return atUs === null ? state : step({ ...state, selected: -1, view: { startUs: atUs, endUs: atUs } }, 0);
}

function withTraces(state: FlameState, shown: Opened, other: Opened | null, mode: Mode): FlameState {
  const timeline = other === null ? shown.timeline : together(shown, other);
  const chart = chartOf(mode, { shown, other, timeline }, state.centre);
  return withQuery({
    ...state, shown, other, timeline, chart, mode: chart.mode, opening: null, error: null, view: fit(chart.layout.bounds), selected: -1, picked: [],
  }, state.query);
}

function withMode(state: FlameState, mode: Mode, centre: string | null): FlameState {
  const { shown, other, timeline, chart } = state;
  if (shown === null || timeline === null || chart === null || (mode === "compare" && other === null)) return state;
  const middle = centre ?? state.centre;
  const next = chartOf(mode, { shown, other, timeline }, middle);
  const selected = carrySelection(chart, next, state.selected);
  const moved = { ...state, mode, chart: next, centre: middle, view: fit(next.layout.bounds), selected, picked: [] };
  return withQuery(moved, state.query);
}

function selectedName({ chart, selected }: FlameState): string | null {
  return chart === null || selected === -1 ? null : chart.layout.names[chart.layout.name[selected]!]!;
}

function select(state: FlameState, { index, show, keep = false }: Extract<FlameAction, { type: "select" }>): FlameState {
  const layout = state.chart?.layout;
  if (layout === undefined || index < -1 || index >= layout.count) return state;
  const picked = keep || state.picked.length === 0 ? state.picked : [];
  if (index === -1 || show === undefined) return index === state.selected && picked === state.picked ? state : { ...state, selected: index, picked };
  const [start, end] = [layout.startUs[index]!, layout.endUs[index]!];
  const view = show === "zoom" ? zoomTo(layout.bounds, start, end) : reveal(state.view, layout.bounds, start, end);
  return { ...state, selected: index, picked, view };
}

function pick(state: FlameState, index: number): FlameState {
  const layout = state.chart?.layout;
  if (layout === undefined || index < 0 || index >= layout.count) return state;
  const picked = new Set(state.picked);
  // The first one was selected without being picked.
  if (picked.size === 0 && state.selected !== -1) picked.add(state.selected);
  if (index === state.selected && state.picked.length === 0) picked.add(index);
  else if (!picked.delete(index)) picked.add(index);
  return { ...state, picked: [...picked].sort((a, b) => a - b), selected: index };
}

function step(state: FlameState, by: -1 | 0 | 1): FlameState {
  const { timeline } = state;
  if (timeline === null || timeline.steps.at.length === 0) return state;
  const inTime = state.mode === "time" ? state : withMode(state, "time", null);
  const { layout, steps } = timeline;
  const now = stepNear(steps, layout, inTime.selected, inTime.view.startUs);
  const next = Math.max(0, Math.min(steps.at.length - 1, now + by));
  const index = steps.at[next]!;
  const [start, end] = [layout.startUs[index]!, layout.endUs[index]!];
  // Close enough to read what is around it: the step fills at least a fifth of the view.
  const near = inTime.view.endUs - inTime.view.startUs <= (end - start) * 5;
  const room = (end - start) * 1.5;
  return { ...inTime, selected: index, picked: [], view: near ? reveal(inTime.view, layout.bounds, start, end) : zoomTo(layout.bounds, start - room, end + room) };
}

function withQuery(state: FlameState, query: Query): FlameState {
  const { shown, timeline, chart } = state;
  const matches = testOf(query);
  if (matches === null || shown === null || timeline === null || chart === null) return { ...state, query, problem: null, hits: null };
  if (typeof matches !== "function") return { ...state, query, problem: matches.problem, hits: null };
  const spans = chart.mode === "time" ? timeline : shown.timeline;
  const inSpans = search(spans.layout, spans.attributes, matches);
  return { ...state, query, problem: null, hits: hitsIn(chart, inSpans, matches) };
}

function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}
