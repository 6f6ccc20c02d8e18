import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { BoxTable } from "./box-table.tsx";
import type { Chart, Timeline } from "./chart.ts";
import { CopyButtons } from "./copy-buttons.tsx";
import type { Tab } from "./model.ts";
import type { Opened } from "./opened.ts";
import { RequestTab } from "./request-tab.tsx";
import { StageTable } from "./stage-table.tsx";
import { strings } from "./strings.ts";

const tabs: readonly Tab[] = ["stages", "spans", "request"];

interface TabsProps {
  readonly chart: Chart;
  readonly timeline: Timeline;
  readonly shown: Opened;
  readonly context: Context;
}

/** Three ways to read the trace besides the graph. */
export function Tabs({ chart, timeline, shown, context }: TabsProps) {
  const tab = useSelect(context.store, (state) => state.tab);
  const show = (next: Tab) => context.store.dispatch({ type: "tab", tab: next });
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]!;
    show(next);
    document.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <section class="tabs">
      <div class="tab-bar">
        <div role="tablist" aria-label={strings.title} onKeyDown={onKey}>
          {tabs.map((name) => (
            <button
              key={name} id={`tab-${name}`} type="button" role="tab" aria-selected={name === tab} aria-controls="tab-panel" tabIndex={name === tab ? 0 : -1}
              onClick={() => show(name)}
            >
              {name === "spans" ? strings.twins[chart.mode] : strings.tabs[name]}
            </button>
          ))}
        </div>
        {tab !== "request" && <CopyButtons context={context} />}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === "stages" && <StageTable shown={shown} context={context} />}
        {tab === "spans" && <BoxTable chart={chart} timeline={timeline} shown={shown} context={context} />}
        {tab === "request" && <RequestTab shown={shown} />}
      </div>
    </section>
  );
}
