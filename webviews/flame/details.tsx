import { spanTable } from "../../protocol/trace.ts";
import { formatCount, formatDuration, formatShare } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { sameName } from "./find.ts";
import { isKnown } from "./layout.ts";
import type { Shown } from "./model.ts";
import { strings } from "./strings.ts";
import { Swatch } from "./swatch.tsx";
import { IconButton } from "../shared/icon-button.tsx";

/** The selected span: what it is, how long it took, where in the source it happens. */
export function Details({ shown, context }: { readonly shown: Shown; readonly context: Context }) {
  const selected = useSelect(context.store, (state) => state.selected);
  return (
    <aside class="details" aria-label={strings.span}>
      {selected === -1 || selected >= shown.layout.count ? <p class="muted">{strings.nothingSelected}</p> : <Span index={selected} shown={shown} context={context} />}
    </aside>
  );
}

function Span({ index, shown: { layout, trace }, context }: { readonly index: number; readonly shown: Shown; readonly context: Context }) {
  const span = trace.spans[layout.source[index]!]!;
  const row = isKnown(span.name) ? spanTable[span.name] : null;
  const attributes = Object.entries(span.attributes);
  const go = (next: number, show: "reveal" | "zoom") => () => context.store.dispatch({ type: "select", index: next, show });
  const [before, after] = [sameName(layout, index, -1), sameName(layout, index, 1)];
  return (
    <>
      <header>
        <h2>
          <Swatch name={span.name} themes={context.themes} />
          {span.name}
        </h2>
        <span class="buttons">
          <IconButton icon="chevron-left" label={strings.previousSame} disabled={before === -1} onClick={go(before, "reveal")} />
          <IconButton icon="chevron-right" label={strings.nextSame} disabled={after === -1} onClick={go(after, "reveal")} />
          <IconButton icon="target" label={strings.zoomTo} onClick={go(index, "zoom")} />
        </span>
      </header>
      {row !== null && <p class="what">{row.what}</p>}
      <dl class="pairs">
        <Pair name={strings.duration} value={formatDuration(span.durationUs)} strong />
        <Pair name={strings.share} value={formatShare(span.durationUs / trace.durationUs)} />
        <Pair name={strings.start} value={formatDuration(span.startUs)} />
        {row !== null && <Pair name={strings.room} value={row.source} code />}
        <Pair name={strings.span} value={strings.spanNumber(formatCount(index + 1), formatCount(layout.count))} />
      </dl>
      {attributes.length > 0 && (
        <>
          <h3>{strings.attributes}</h3>
          <dl class="pairs">
            {attributes.map(([key, value]) => <Pair key={key} name={key} value={typeof value === "number" ? formatCount(value) : String(value)} code />)}
          </dl>
        </>
      )}
    </>
  );
}

interface PairProps {
  readonly name: string;
  readonly value: string;
  readonly strong?: boolean;
  readonly code?: boolean;
}

export const Pair = ({ name, value, strong, code }: PairProps) => (
  <div>
    <dt>{name}</dt>
    <dd>{code === true ? <code>{value}</code> : strong === true ? <strong>{value}</strong> : value}</dd>
  </div>
);
