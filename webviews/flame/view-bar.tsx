import { useState } from "preact/hooks";
import { formatCount, formatDuration } from "../shared/format.ts";
import { IconButton } from "../shared/icon-button.tsx";
import { useSelect } from "../shared/store.ts";
import { modes, type Chart, type Timeline } from "./chart.ts";
import type { Context } from "./context.ts";
import { formatGrowth } from "./labels.ts";
import type { Opened } from "./opened.ts";
import { remembering } from "./selected.ts";
import { factsOf, stepNear } from "./steps.ts";
import { strings } from "./strings.ts";

interface ViewBarProps {
  readonly chart: Chart;
  readonly timeline: Timeline;
  readonly shown: Opened;
  readonly context: Context;
}

/** Which view, what belongs to it, and what is selected in one line. */
export function ViewBar({ chart, timeline, shown, context }: ViewBarProps) {
  return (
    <div class="view-bar">
      <Modes chart={chart} context={context} />
      {chart.mode === "sandwich" && <Centre chart={chart} shown={shown} context={context} />}
      {chart.mode === "time" && timeline.steps.at.length > 0 && <Steps timeline={timeline} context={context} />}
      <SelectionSummary context={context} />
    </div>
  );
}

function Modes({ chart, context: { store } }: { readonly chart: Chart; readonly context: Context }) {
  const other = useSelect(store, (state) => state.other);
  return (
    <div class="modes" role="group" aria-label={strings.views}>
      {modes.map((mode) => {
        const missing = mode === "compare" && other === null;
        return (
          <button
            key={mode} type="button" aria-pressed={chart.mode === mode} aria-disabled={missing} title={missing ? strings.compareFirst : strings.modeNotes[mode]}
            onClick={() => store.dispatch({ type: "mode", mode })}
          >
            {strings.modes[mode]}
          </button>
        );
      })}
    </div>
  );
}

function Centre({ chart, shown, context: { store } }: { readonly chart: Extract<Chart, { mode: "sandwich" }>; readonly shown: Opened; readonly context: Context }) {
  const names = [...shown.stages].sort((a, b) => b.totalUs - a.totalUs).map(({ name }) => name);
  const centre = chart.layout.names[chart.merged.centre] ?? "";
  // As many as a list can be chosen from; the others are reached from the graph.
  const listed = names.slice(0, 500);
  if (!listed.includes(centre)) listed.unshift(centre);
  return (
    <select class="picker" aria-label={strings.centre} value={centre} onChange={(change) => store.dispatch({ type: "centre", name: change.currentTarget.value })}>
      {listed.map((name) => <option key={name} value={name} selected={name === centre}>{name}</option>)}
    </select>
  );
}

/** Goes through the decode steps one by one, and says what is known of the one that is looked at. */
function Steps({ timeline, context: { store } }: { readonly timeline: Timeline; readonly context: Context }) {
  const text = useSelect(store, ({ timeline: now, mode, selected, view }) => {
    if (now === null || mode !== "time" || selected === -1) return null;
    const place = stepNear(now.steps, now.layout, selected, view.startUs);
    return place === -1 ? null : describeStep(now, place);
  });
  const go = (by: -1 | 1) => () => store.dispatch({ type: "step", by });
  return (
    <div class="steps" role="group" aria-label={strings.steps}>
      <IconButton icon="debug-step-back" label={strings.previousStep} onClick={go(-1)} />
      <IconButton icon="debug-step-over" label={strings.nextStep} onClick={go(1)} />
      <span class="step" role="status" title={text ?? undefined}>{text ?? strings.stepCount(formatCount(timeline.steps.at.length))}</span>
    </div>
  );
}

function describeStep(timeline: Timeline, place: number): string {
  const { number, of, name, durationUs, against, batch, position, tokens, drafted, accepted } = factsOf(timeline.steps, timeline.layout, timeline.attributes, place);
  const { stepFacts } = strings;
  return [
    strings.step(formatCount(number), formatCount(of), name), formatDuration(durationUs),
    against === null ? null : stepFacts.median(formatGrowth(against)),
    batch === null ? null : stepFacts.batch(formatCount(batch)),
    tokens === null ? null : stepFacts.tokens(formatCount(tokens)),
    drafted === null ? null : stepFacts.drafted(formatCount(accepted ?? 0), formatCount(drafted)),
    position === null ? null : stepFacts.position(formatCount(position)),
  ].filter((part) => part !== null).join(" · ");
}

function SelectionSummary({ context: { store } }: { readonly context: Context }) {
  const [summary] = useState(remembering);
  const text = useSelect(store, summary);
  return <span class="summary" role="status" title={text}>{text}</span>;
}
