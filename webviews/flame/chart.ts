import { joinAttributes, type AttributeTable } from "../../protocol/panels/flame-attributes.ts";
import { NameTable, type SpanColumns } from "../../protocol/panels/flame-columns.ts";
import { lazy } from "../../base/lazy.ts";
import { hitsOf, type Hits } from "./search.ts";
import { layOutColumns, type Layout } from "./layout.ts";
import type { Opened } from "./opened.ts";
import { difference, type Difference } from "./stacks/difference.ts";
import { leftHeavy, type Merged } from "./stacks/heavy.ts";
import { selfTimes } from "./stacks/merge.ts";
import { sandwich, type Sandwich } from "./stacks/sandwich.ts";
import { stepsOf, type Steps } from "./steps.ts";

export type Mode = "time" | "heavy" | "sandwich" | "compare";
export const modes: readonly Mode[] = ["time", "heavy", "sandwich", "compare"];

/** Spans over time, with what is known of each. Of one trace, or of two that are open together. */
export interface Timeline {
  readonly layout: Layout;
  readonly attributes: AttributeTable;
  readonly self: Float64Array;
  readonly steps: Steps;
  /** Names of a file's requests or threads, by the tracks' `trace`; empty where the tracks are of one request, or of two traces. */
  readonly lanes: readonly string[];
  /** How much later the second trace began; null where there is one only, or where they began so far apart that each is drawn from its own start. */
  readonly offsetUs: number | null;
  readonly apart: boolean;
}

/** What the graph shows, and the tables with it. `layout` is what is drawn; boxes are named by their index in it. */
export type Chart =
  | { readonly mode: "time"; readonly layout: Layout }
  | { readonly mode: "heavy"; readonly layout: Layout; readonly merged: Merged }
  | { readonly mode: "sandwich"; readonly layout: Layout; readonly merged: Sandwich }
  | { readonly mode: "compare"; readonly layout: Layout; readonly difference: Difference };

/** `boundsUs` is the time of a file, of which the columns may be a part. */
export const timelineOf = (columns: SpanColumns, boundsUs: readonly [number, number] | null): Timeline => {
  const { lane } = columns;
  const found = layOutColumns(columns, lane === null ? null : (span) => lane[span]!);
  const { startUs, endUs } = found.bounds;
  const layout = boundsUs === null ? found : { ...found, bounds: { startUs: Math.min(startUs, boundsUs[0]), endUs: Math.max(endUs, boundsUs[1]) } };
  return timelineFrom({ layout, attributes: columns.attributes, lanes: columns.lanes, offsetUs: null, apart: false });
};

/** The first picture needs no own times: they are added up when somebody asks. */
function timelineFrom(known: Omit<Timeline, "self" | "steps">): Timeline {
  const self = lazy(() => selfTimes(known.layout));
  const steps = lazy(() => stepsOf(known.layout));
  return {
    ...known,
    get self() {
      return self();
    },
    get steps() {
      return steps();
    },
  };
}

/** Traces further apart than so many lengths of the longer one would be two dots on one axis. */
const furthestApart = 20;

/** Two traces on one axis, each with tracks of its own, by the time at which they began. */
export function together(first: Opened, second: Opened): Timeline {
  const [a, b] = [first.columns(), second.columns()];
  const began = (Date.parse(second.trace.startedAt) - Date.parse(first.trace.startedAt)) * 1000;
  const longest = Math.max(first.timeline.layout.bounds.endUs, second.timeline.layout.bounds.endUs);
  const apart = !Number.isFinite(began) || Math.abs(began) > longest * furthestApart;
  // Times count from the earlier one's start.
  const [shiftA, shiftB] = apart ? [0, 0] : [Math.max(0, -began), Math.max(0, began)];
  const table = new NameTable();
  const places = [a, b].map(({ names, bases }) => names.map((name, place) => table.place(name, bases[place]!)));
  const count = a.count + b.count;
  const [startUs, endUs, name, parent] = [new Float64Array(count), new Float64Array(count), new Uint32Array(count), new Int32Array(count)];
  const fill = (part: SpanColumns, from: number, shift: number, named: readonly number[]) => {
    for (let span = 0; span < part.count; span++) {
      startUs[from + span] = part.startUs[span]! + shift;
      endUs[from + span] = part.endUs[span]! + shift;
      name[from + span] = named[part.name[span]!]!;
      parent[from + span] = part.parent[span] === -1 ? -1 : part.parent[span]! + from;
    }
  };
  fill(a, 0, shiftA, places[0]!);
  fill(b, a.count, shiftB, places[1]!);
  const attributes = joinAttributes(a.attributes, b.attributes);
  const layout = layOutColumns({ count, startUs, endUs, name, names: table.names, bases: table.bases, parent, attributes, lane: null, lanes: [] }, (span) => (span < a.count ? 0 : 1));
  return timelineFrom({ layout, attributes, lanes: [], offsetUs: apart ? null : began, apart });
}

export interface Charted {
  readonly shown: Opened;
  readonly other: Opened | null;
  readonly timeline: Timeline;
}

export function chartOf(mode: Mode, { shown, other, timeline }: Charted, centre: string | null): Chart {
  const { layout, self } = shown.timeline;
  switch (mode) {
    case "time":
      return { mode, layout: timeline.layout };
    case "heavy": {
      const merged = leftHeavy(layout, self);
      return { mode, layout: merged.layout, merged };
    }
    case "sandwich": {
      const place = layout.names.indexOf(centre ?? "");
      const merged = sandwich(layout, self, place === -1 ? busiest(shown) : place);
      return { mode, layout: merged.layout, merged };
    }
    case "compare": {
      if (other === null) return chartOf("time", { shown, other, timeline }, centre);
      const found = difference({ layout, self }, { layout: other.timeline.layout, self: other.timeline.self });
      return { mode, layout: found.layout, difference: found };
    }
  }
}

/** The name with the most time of its own: what one most likely wants to know more of. */
function busiest({ timeline: { layout, self } }: Opened): number {
  const sums = new Float64Array(layout.names.length);
  for (let index = 0; index < layout.count; index++) sums[layout.name[index]!]! += self[index]!;
  return sums.reduce((best, sum, place) => (sum > sums[best]! ? place : best), 0);
}

/** What a search over the spans means for the boxes of a chart: a box is found when its name is, or one of its spans. */
export function hitsIn(chart: Chart, inSpans: Hits, matches: (text: string) => boolean): Hits {
  if (chart.mode === "time") return inSpans;
  const { layout } = chart;
  const names = layout.names.map((name, place) => matches(name) || matches(layout.bases[place]!));
  const mask = Uint8Array.from(layout.name, (name) => (names[name]! ? 1 : 0));
  if (chart.mode !== "compare") {
    for (const span of inSpans.found) if (chart.merged.indexOf[span] !== -1) mask[chart.merged.indexOf[span]!] = 1;
  }
  return hitsOf(mask);
}

/** The spans of the first trace that a box stands for, as far as they are known one by one. */
export function membersOf(chart: Chart, index: number): Uint32Array {
  if (chart.mode === "time") return Uint32Array.of(index);
  const indexOf = chart.mode === "compare" ? null : chart.merged.indexOf;
  if (indexOf === null) return new Uint32Array(0);
  const members: number[] = [];
  indexOf.forEach((at, span) => at === index && members.push(span));
  return Uint32Array.from(members);
}
