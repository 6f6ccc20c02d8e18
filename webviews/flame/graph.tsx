import { useEffect, useRef, useState } from "preact/hooks";
import { formatDuration, formatPlural, formatShare } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { GraphView, type Hover } from "./graph-view.ts";
import type { FlameState, Shown } from "./model.ts";
import { OverviewView } from "./overview-view.ts";
import { strings } from "./strings.ts";

/** Overview strip and graph, with what a screen reader says of them. */
export function Graph({ shown, context: { store, themes } }: { readonly shown: Shown; readonly context: Context }) {
  const overview = useRef<HTMLCanvasElement>(null);
  const graph = useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  useEffect(() => {
    if (overview.current === null || graph.current === null) return;
    const views = [new OverviewView(overview.current, store, themes), new GraphView(graph.current, store, themes, setHover)];
    return () => views.forEach((view) => view.dispose());
  }, [store, themes]);

  const { layout, trace } = shown;
  return (
    <section class="graph" aria-label={strings.title}>
      <canvas ref={overview} class="overview" tabIndex={0} role="application" aria-label={strings.overview} />
      <div class="graph-scroll">
        <canvas
          ref={graph} id="graph" tabIndex={0} role="application" aria-describedby="selection"
          aria-label={strings.graph(formatPlural(layout.count, "span"), formatDuration(trace.durationUs))}
        />
        {hover !== null && hover.index < layout.count && <Tooltip hover={hover} shown={shown} />}
      </div>
      <p class="spoken" id="selection" aria-live="polite">
        <Selection context={{ store, themes }} />
      </p>
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

const describeSelection = ({ shown, selected }: FlameState): string => {
  if (shown === null || selected === -1) return "";
  const { layout, trace } = shown;
  const duration = layout.endUs[selected]! - layout.startUs[selected]!;
  const name = layout.names[layout.name[selected]!]!;
  return strings.selection(name, formatDuration(layout.startUs[selected]!), formatDuration(duration), formatShare(duration / trace.durationUs));
};

function Selection({ context: { store } }: { readonly context: Context }) {
  return <>{useSelect(store, describeSelection)}</>;
}

function Tooltip({ hover, shown: { layout, trace } }: { readonly hover: Hover; readonly shown: Shown }) {
  const duration = layout.endUs[hover.index]! - layout.startUs[hover.index]!;
  // On whichever side of the pointer there is more room.
  const width = document.documentElement.clientWidth;
  const left = hover.x < width / 2;
  return (
    <div class="tooltip" aria-hidden="true" style={{ top: `${hover.y + 16}px`, ...(left ? { left: `${hover.x + 12}px` } : { right: `${width - hover.x + 12}px` }) }}>
      <strong>{layout.names[layout.name[hover.index]!]}</strong> {formatDuration(duration)}{" "}
      <span class="muted">{formatShare(duration / trace.durationUs)}</span>
    </div>
  );
}
