import { spanTable } from "../../protocol/trace.ts";
import { formatCount, formatDuration, formatShare } from "../shared/format.ts";
import { IconButton } from "../shared/icon-button.tsx";
import { membersOf, type Chart } from "./chart.ts";
import type { Context } from "./context.ts";
import { isKnown } from "./kinds.ts";
import { formatDifference, formatGrowth } from "./labels.ts";
import type { Opened } from "./opened.ts";
import { Pair } from "../shared/pair.tsx";
import { strings } from "./strings.ts";
import { summarise } from "./summary.ts";
import { Swatch } from "./swatch.tsx";

interface BoxDetailsProps {
  readonly index: number;
  readonly chart: Exclude<Chart, { mode: "time" }>;
  readonly shown: Opened;
  readonly context: Context;
}

/** A box of merged stacks: what it stands for. */
export function BoxDetails({ index, chart, shown, context: { store, themes } }: BoxDetailsProps) {
  const { layout } = chart;
  const name = layout.names[layout.name[index]!]!;
  const base = layout.bases[layout.name[index]!]!;
  return (
    <>
      <header>
        <h2>
          <Swatch name={name} tone={chart.mode === "compare" ? chart.difference.tone[index] : undefined} themes={themes} />
          {name}
        </h2>
        <span class="buttons">
          <IconButton icon="type-hierarchy" label={strings.centreHere} onClick={() => store.dispatch({ type: "centre", name })} />
          <IconButton icon="target" label={strings.zoomTo} onClick={() => store.dispatch({ type: "select", index, show: "zoom" })} />
        </span>
      </header>
      {isKnown(base) && <p class="what">{spanTable[base].what}</p>}
      {chart.mode === "compare" ? <Sides index={index} chart={chart} /> : <Sums index={index} chart={chart} shown={shown} />}
      <h3>{strings.path}</h3>
      <p class="path">{pathOf(chart, index).join(" › ")}</p>
    </>
  );
}

function Sums({ index, chart, shown }: { readonly index: number; readonly chart: Extract<Chart, { mode: "heavy" | "sandwich" }>; readonly shown: Opened }) {
  const { spans, totalUs, selfUs } = chart.merged;
  const members = membersOf(chart, index);
  const spread = members.length > 1 ? summarise(shown.timeline.layout, shown.timeline.self, members) : null;
  return (
    <dl class="pairs">
      <Pair name={strings.total} value={formatDuration(totalUs[index]!)} strong />
      {members.length > 0 && <Pair name={strings.self} value={formatDuration(selfUs[index]!)} />}
      <Pair name={strings.share} value={formatShare(totalUs[index]! / shown.trace.durationUs)} />
      <Pair name={strings.spans} value={formatCount(spans[index]!)} />
      {spread !== null && (
        <>
          <Pair name={strings.summary.min} value={formatDuration(spread.minUs)} />
          <Pair name={strings.summary.median} value={formatDuration(spread.medianUs)} />
          <Pair name={strings.summary.p95} value={formatDuration(spread.p95Us)} />
        </>
      )}
    </dl>
  );
}

function Sides({ index, chart: { difference } }: { readonly index: number; readonly chart: Extract<Chart, { mode: "compare" }> }) {
  const [before, after] = [difference.beforeUs[index]!, difference.afterUs[index]!];
  const tone = difference.tone[index]!;
  return (
    <dl class="pairs">
      <Pair name={strings.difference} value={`${formatDifference(after - before)} (${tone > 0 ? strings.grew : tone < 0 ? strings.shrank : strings.same})`} strong />
      <Pair name={strings.before} value={formatDuration(before)} />
      <Pair name={strings.after} value={formatDuration(after)} />
      <Pair name={strings.change} value={formatGrowth(before > 0 ? after / before - 1 : null)} />
      <Pair name={strings.spansBefore} value={formatCount(difference.beforeSpans[index]!)} />
      <Pair name={strings.spansAfter} value={formatCount(difference.afterSpans[index]!)} />
    </dl>
  );
}

/** The names from the root; in a sandwich's upper half from this caller down to the middle. */
function pathOf({ layout }: Chart, index: number): string[] {
  const path: string[] = [];
  for (let at = index; at !== -1 && path.length < 100; at = layout.parent[at]!) path.push(layout.names[layout.name[at]!]!);
  return layout.row[index]! < layout.rootRow ? path : path.reverse();
}
