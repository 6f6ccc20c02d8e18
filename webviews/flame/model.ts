import type { ErrorBody } from "../../protocol/errors.ts";
import type { ToFlame } from "../../protocol/panels/flame.ts";
import type { Trace, TraceSummary } from "../../protocol/trace.ts";
import { layOut, type Layout } from "./layout.ts";
import { search, type Hits } from "./search.ts";
import { accountedShare, sortBy, stages, type Sort, type Stage, type StageColumn } from "./stages.ts";
import { fit, reveal, zoomTo, type Viewport } from "./viewport.ts";

/** A trace with all that is derived from it once. */
export interface Shown {
  readonly trace: Trace;
  readonly layout: Layout;
  readonly stages: readonly Stage[];
  /** Leaf spans' sum as part of the wall time. */
  readonly accounted: number;
}

export type Tab = "stages" | "spans" | "request";

export interface FlameState {
  /** Null until the first list has come. */
  readonly traces: readonly TraceSummary[] | null;
  readonly shown: Shown | null;
  /** The trace that was asked for and has not come yet. */
  readonly opening: string | null;
  readonly error: ErrorBody["error"] | null;
  readonly view: Viewport;
  /** Index in the layout, -1 for none. */
  readonly selected: number;
  readonly query: string;
  readonly hits: Hits | null;
  readonly tab: Tab;
  readonly sort: Sort;
}

export type FlameAction =
  | { readonly type: "received"; readonly message: ToFlame }
  | { readonly type: "opening"; readonly traceId: string }
  | { readonly type: "view"; readonly view: Viewport }
  /** `reveal` moves the view so that the span is seen; `zoom` fills the view with it. */
  | { readonly type: "select"; readonly index: number; readonly show?: "reveal" | "zoom" }
  | { readonly type: "search"; readonly query: string }
  | { readonly type: "tab"; readonly tab: Tab }
  | { readonly type: "sort"; readonly column: StageColumn };

export const initialFlame: FlameState = {
  traces: null, shown: null, opening: null, error: null, view: { startUs: 0, endUs: 1 }, selected: -1, query: "", hits: null, tab: "stages",
  sort: { column: "totalUs", descending: true },
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
      return select(state, action.index, action.show);
    case "search":
      return withQuery(state, action.query);
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
    case "trace":
      return show(state, message.trace);
  }
}

function show(state: FlameState, trace: Trace): FlameState {
  const layout = layOut(trace.spans);
  const list = stages(layout, trace.durationUs);
  const shown = { trace, layout, stages: list, accounted: accountedShare(list, trace.durationUs) };
  // The same trace again, when it was still running: the place one looks at stays.
  const again = state.shown?.trace.id === trace.id && state.view.endUs <= layout.bounds.endUs;
  return withQuery({
    ...state, shown, opening: null, error: null, view: again ? state.view : fit(layout.bounds), selected: again ? Math.min(state.selected, layout.count - 1) : -1,
  }, state.query);
}

function select(state: FlameState, index: number, show: "reveal" | "zoom" | undefined): FlameState {
  const layout = state.shown?.layout;
  if (layout === undefined || index < -1 || index >= layout.count) return state;
  if (index === -1 || show === undefined) return index === state.selected ? state : { ...state, selected: index };
  const [start, end] = [layout.startUs[index]!, layout.endUs[index]!];
  const view = show === "zoom" ? zoomTo(layout.bounds, start, end) : reveal(state.view, layout.bounds, start, end);
  return { ...state, selected: index, view };
}

function withQuery(state: FlameState, query: string): FlameState {
  const { shown } = state;
  return { ...state, query, hits: shown === null ? null : search(shown.layout, shown.trace.spans, query) };
}
