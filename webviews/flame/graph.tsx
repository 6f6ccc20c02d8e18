import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, formatDuration, formatPlural, formatShare } from "../shared/format.ts";
import { applicationNotes } from "../../protocol/joined-spans.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { GraphView, type Hover } from "./graph-view.ts";
import type { Chart, Timeline } from "./chart.ts";
import { formatDifference, formatGrowth, valueOf } from "./labels.ts";
import type { FlameState } from "./model.ts";
import type { Opened } from "./opened.ts";
import { OverviewView } from "./overview-view.ts";
import { strings } from "./strings.ts";

interface GraphProps {
  readonly chart: Chart;
  readonly timeline: Timeline;
  readonly shown: Opened;
  readonly context: Context;
}

/** Overview strip and graph, with what a screen reader says of them. */
export function Graph({ chart, timeline, shown, context }: GraphProps) {
  const { store, themes } = context;
  const overview = useRef<HTMLCanvasElement>(null);
  const graph = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const spacer = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  useEffect(() => {
    if (overview.current === null || graph.current === null || box.current === null || spacer.current === null) return;
    const elements = { canvas: graph.current, box: box.current, spacer: spacer.current };
    const views = [new OverviewView(overview.current, store, themes), new GraphView(elements, store, themes, setHover)];
    return () => views.forEach((view) => view.dispose());
  }, [store, themes]);

  const { layout } = chart;
  return (
    <section class="graph" aria-label={strings.title}>
      <canvas ref={overview} class="overview" tabIndex={0} role="application" aria-label={strings.overview} />
      <div ref={box} class="graph-scroll">
        <canvas
          ref={graph} id="graph" tabIndex={0} role="application" aria-describedby="selection"
          aria-label={strings.graph(chart.mode, formatPlural(layout.count, chart.mode === "time" ? "span" : "stack"), formatDuration(layout.bounds.endUs))}
        />
        <div ref={spacer} />
        {hover !== null && hover.index < layout.count && <Tooltip hover={hover} chart={chart} shown={shown} />}
      </div>
      <p class="spoken" id="selection" aria-live="polite">
        <Selection context={context} />
      </p>
      {shown.file !== null && shown.file.leftOut > 0 && <p class="note-line muted">{strings.leftOut(formatCount(shown.file.leftOut))}</p>}
      <Notes summary={strings.fileNotes} notes={shown.file?.notes ?? []} />
      <Notes summary={strings.applicationNotes} notes={applicationNotes(shown.trace.application)} />
      {chart.mode === "time" && timeline.apart && <p class="note-line muted">{strings.apart}</p>}
      {layout.crowded > 0 && <p class="note-line muted">{strings.crowded(formatCount(layout.crowded))}</p>}
      <ul class="keys" aria-hidden="true">
        {strings.keys.map(([keys, what]) => (
          <li key={keys}>
            <kbd>{keys}</kbd> {what}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Notes({ summary, notes }: { readonly summary: string; readonly notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <details class="note-line muted">
      <summary>{summary}</summary>
      <ul>
        {notes.slice(0, 50).map((note) => <li key={note}>{note}</li>)}
      </ul>
    </details>
  );
}

const describeSelection = ({ chart, shown, selected }: FlameState): string => {
  if (chart === null || shown === null || selected === -1) return "";
  const { layout } = chart;
  const name = layout.names[layout.name[selected]!]!;
  switch (chart.mode) {
    case "time": {
      const duration = layout.endUs[selected]! - layout.startUs[selected]!;
      return strings.selection(name, formatDuration(layout.startUs[selected]!), formatDuration(duration), formatShare(duration / shown.trace.durationUs));
    }
    case "heavy":
    case "sandwich": {
      const { spans, totalUs, selfUs } = chart.merged;
      return strings.selectionBox(name, formatPlural(spans[selected]!, "span"), formatDuration(totalUs[selected]!), formatDuration(selfUs[selected]!));
    }
    case "compare": {
      const [before, after] = [chart.difference.beforeUs[selected]!, chart.difference.afterUs[selected]!];
      return strings.selectionDifference(name, formatDuration(before), formatDuration(after), formatDifference(after - before));
    }
  }
};

function Selection({ context: { store } }: { readonly context: Context }) {
  return <>{useSelect(store, describeSelection)}</>;
}

function Tooltip({ hover: { index, x, y }, chart, shown }: { readonly hover: Hover; readonly chart: Chart; readonly shown: Opened }) {
  const { layout } = chart;
  // On whichever side of the pointer there is more room.
  const width = document.documentElement.clientWidth;
  const left = x < width / 2;
  return (
    <div class="tooltip" aria-hidden="true" style={{ top: `${y + 16}px`, ...(left ? { left: `${x + 12}px` } : { right: `${width - x + 12}px` }) }}>
      <strong>{layout.names[layout.name[index]!]}</strong> {valueOf(chart)(index)} <span class="muted">{secondFact(chart, index, shown)}</span>
    </div>
  );
}

/** The part of the request, or how much a box changed. */
function secondFact(chart: Chart, index: number, shown: Opened): string {
  if (chart.mode === "compare") {
    const [before, after] = [chart.difference.beforeUs[index]!, chart.difference.afterUs[index]!];
    return formatGrowth(before > 0 ? after / before - 1 : null);
  }
  const us = chart.mode === "time" ? chart.layout.endUs[index]! - chart.layout.startUs[index]! : chart.merged.totalUs[index]!;
  return formatShare(us / shown.trace.durationUs);
}
