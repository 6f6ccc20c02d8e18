import type { FilePart } from "../../protocol/panels/flame-file.ts";
import { joinedSpans } from "../../protocol/joined-spans.ts";
import type { Trace } from "../../protocol/trace.ts";
import { lazy } from "../../base/lazy.ts";
import { timelineOf, type Timeline } from "./chart.ts";
import { columnsOf, type SpanColumns } from "../../protocol/panels/flame-columns.ts";
import { sourceOf } from "./layout.ts";
import { accountedShare, stages, type Stage } from "./stages.ts";

/** What is known of a trace besides its spans. */
export type TraceFacts = Omit<Trace, "spans">;

/** A trace with all that is derived from it once. The spans are kept as columns only. */
export interface Opened {
  readonly trace: TraceFacts;
  readonly timeline: Timeline;
  /** Medians take a while: they are sought when somebody asks. */
  readonly stages: readonly Stage[];
  /** Leaf spans' sum as part of the wall time. */
  readonly accounted: number;
  /** Of a file: how much of it was read; null for a trace of the daemon's. */
  readonly file: FilePart | null;
  /** The spans as they were recorded, made of the layout again where two traces are to be shown together. */
  columns(): SpanColumns;
}

export function openTrace(trace: Trace): Opened {
  const { spans: _, ...facts } = trace;
  return openColumns(facts, columnsOf(joinedSpans(trace)), null);
}

export function openColumns(trace: TraceFacts, columns: SpanColumns, file: FilePart | null): Opened {
  const timeline = timelineOf(columns, file?.boundsUs ?? null);
  const { layout } = timeline;
  const list = lazy(() => stages(layout, trace.durationUs));
  return {
    trace, timeline, accounted: accountedShare(layout, trace.durationUs), file,
    get stages() {
      return list();
    },
    columns: () => recorded(timeline, columns.lane, columns.lanes),
  };
}

/** In the layout's order, which is as good as the recorder's; the attributes follow by `source`. */
function recorded({ layout, attributes }: Timeline, lane: Uint32Array | null, lanes: readonly string[]): SpanColumns {
  const { count, startUs, endUs, name, names, bases, parent } = layout;
  if (layout.source === null) return { count, startUs, endUs, name, names, bases, parent, attributes, lane, lanes };
  const back = new Int32Array(count);
  for (let index = 0; index < count; index++) back[sourceOf(layout, index)] = index;
  return {
    count, names, bases, attributes, lane, lanes,
    startUs: startUs.map((_, span) => startUs[back[span]!]!),
    endUs: endUs.map((_, span) => endUs[back[span]!]!),
    name: name.map((_, span) => name[back[span]!]!),
    parent: parent.map((_, span) => {
      const over = parent[back[span]!]!;
      return over === -1 ? -1 : sourceOf(layout, over);
    }),
  };
}
