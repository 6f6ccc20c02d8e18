import { spanTable } from "../../protocol/trace.ts";
import { formatCount, formatDuration, formatGiga, formatShare } from "../shared/format.ts";
import { IconButton } from "../shared/icon-button.tsx";
import { useSelect } from "../shared/store.ts";
import { BoxDetails } from "./box-details.tsx";
import type { Chart, Timeline } from "./chart.ts";
import type { Context } from "./context.ts";
import { attributesOf, numberOf } from "../../protocol/panels/flame-attributes.ts";
import { sameName } from "./find.ts";
import { isKnown } from "./kinds.ts";
import { sourceOf } from "./layout.ts";
import type { Opened } from "./opened.ts";
import { Pair } from "../shared/pair.tsx";
import { strings } from "./strings.ts";
import { Swatch } from "./swatch.tsx";

interface DetailsProps {
  readonly chart: Chart;
  readonly timeline: Timeline;
  readonly shown: Opened;
  readonly context: Context;
}

/** What is selected: what it is, how long it took, where in the source it happens. */
export function Details({ chart, timeline, shown, context }: DetailsProps) {
  const selected = useSelect(context.store, (state) => state.selected);
  const none = selected === -1 || selected >= chart.layout.count;
  return (
    <aside class="details" aria-label={strings.span}>
      {none && <p class="muted">{strings.nothingSelected}</p>}
      {!none && chart.mode === "time" && <Span index={selected} timeline={timeline} shown={shown} context={context} />}
      {!none && chart.mode !== "time" && <BoxDetails index={selected} chart={chart} shown={shown} context={context} />}
    </aside>
  );
}

function Span({ index, timeline: { layout, attributes, self }, shown, context }: Omit<DetailsProps, "chart"> & { readonly index: number }) {
  const [name, base] = [layout.names[layout.name[index]!]!, layout.bases[layout.name[index]!]!];
  const row = isKnown(base) ? spanTable[base] : null;
  const pairs = attributesOf(attributes, sourceOf(layout, index));
  const amount = (key: string): number => (base === "operation" ? (numberOf(attributes, sourceOf(layout, index), key) ?? 0) : 0);
  const [bytes, flops] = [amount("bytes"), amount("flops")];
  const durationUs = layout.endUs[index]! - layout.startUs[index]!;
  const go = (next: number, show: "reveal" | "zoom") => () => context.store.dispatch({ type: "select", index: next, show });
  const [before, after] = [sameName(layout, index, -1), sameName(layout, index, 1)];
  return (
    <>
      <header>
        <h2>
          <Swatch name={name} themes={context.themes} />
          {name}
        </h2>
        <span class="buttons">
          <IconButton icon="chevron-left" label={strings.previousSame} disabled={before === -1} onClick={go(before, "reveal")} />
          <IconButton icon="chevron-right" label={strings.nextSame} disabled={after === -1} onClick={go(after, "reveal")} />
          <IconButton icon="type-hierarchy" label={strings.centreHere} onClick={() => context.store.dispatch({ type: "centre", name })} />
          <IconButton icon="target" label={strings.zoomTo} onClick={go(index, "zoom")} />
        </span>
      </header>
      {row !== null && <p class="what">{row.what}</p>}
      <dl class="pairs">
        <Pair name={strings.duration} value={formatDuration(durationUs)} strong />
        {self[index]! < durationUs && <Pair name={strings.self} value={formatDuration(self[index]!)} />}
        <Pair name={strings.share} value={formatShare(durationUs / shown.trace.durationUs)} />
        <Pair name={strings.start} value={formatDuration(layout.startUs[index]!)} />
        {bytes > 0 && <Pair name={strings.bandwidth} value={formatGiga(bytes, durationUs, "GB/s")} />}
        {flops > 0 && <Pair name={strings.compute} value={formatGiga(flops, durationUs, "GFLOP/s")} />}
        {row !== null && <Pair name={strings.room} value={row.source} code />}
        <Pair name={strings.span} value={strings.spanNumber(formatCount(index + 1), formatCount(layout.count))} />
      </dl>
      {pairs.length > 0 && (
        <>
          <h3>{strings.attributes}</h3>
          <dl class="pairs">
            {pairs.map(([key, value]) => <Pair key={key} name={key} value={typeof value === "number" ? formatCount(value) : String(value)} code />)}
          </dl>
        </>
      )}
    </>
  );
}
