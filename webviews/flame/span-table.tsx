import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, formatDuration, formatShare } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import type { Shown } from "./model.ts";
import { strings } from "./strings.ts";
import { Swatch } from "./swatch.tsx";
import { IconButton } from "../shared/icon-button.tsx";

/** Spans on one page: a real table of that many rows is quick to build and easy to read aloud, where a million are neither. */
export const pageSize = 200;

/** The graph's twin: the same spans, in the same order, as a table. What is selected in one is selected in the other. */
export function SpanTable({ shown, context }: { readonly shown: Shown; readonly context: Context }) {
  const { layout, trace } = shown;
  const { store } = context;
  const selected = useSelect(store, (state) => state.selected);
  const [page, setPage] = useState(Math.max(0, Math.floor(selected / pageSize)));
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    if (selected !== -1) setPage(Math.floor(selected / pageSize));
  }, [selected, shown]);
  useEffect(() => {
    const row = body.current?.querySelector<HTMLElement>('[aria-current="true"]');
    row?.scrollIntoView({ block: "nearest" });
    // Keyboard users stay in the table while they walk through it.
    if (body.current?.contains(document.activeElement) === true) row?.focus();
  }, [selected, page]);

  const pages = Math.max(1, Math.ceil(layout.count / pageSize));
  const from = Math.min(page, pages - 1) * pageSize;
  const to = Math.min(from + pageSize, layout.count);
  const select = (index: number, show?: "zoom") => store.dispatch({ type: "select", index, show: show ?? "reveal" });
  const onKey = (event: KeyboardEvent) => {
    const next: Record<string, number> = { ArrowDown: selected + 1, ArrowUp: selected - 1, PageDown: selected + 20, PageUp: selected - 20, Home: 0, End: layout.count - 1 };
    const target = next[event.key];
    if (target !== undefined) select(Math.max(0, Math.min(layout.count - 1, target)));
    else if (event.key === "Enter" && selected !== -1) select(selected, "zoom");
    else return;
    event.preventDefault();
  };
  if (layout.count === 0) return <p class="muted padded">{strings.noSpans}</p>;
  const focusable = selected >= from && selected < to ? selected : from;
  return (
    <>
      <table class="spans" aria-rowcount={layout.count + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">#</th>
            <th scope="col">{strings.span}</th>
            <th scope="col">{strings.start}</th>
            <th scope="col">{strings.duration}</th>
            <th scope="col">{strings.share}</th>
            <th scope="col">{strings.attributes}</th>
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKey}>
          {Array.from({ length: to - from }, (_, offset) => {
            const index = from + offset;
            const span = trace.spans[layout.source[index]!]!;
            return (
              <tr
                key={index} aria-rowindex={index + 2} aria-current={index === selected ? "true" : undefined} tabIndex={index === focusable ? 0 : -1}
                onClick={() => select(index)} onDblClick={() => select(index, "zoom")} onFocus={() => index !== selected && select(index)}
              >
                <td>{formatCount(index + 1)}</td>
                <th scope="row">
                  <Swatch name={span.name} themes={context.themes} />
                  {span.name}
                </th>
                <td>{formatDuration(span.startUs)}</td>
                <td>{formatDuration(span.durationUs)}</td>
                <td>{formatShare(span.durationUs / trace.durationUs)}</td>
                <td class="attributes">{Object.entries(span.attributes).map(([key, value]) => `${key}=${String(value)}`).join("  ")}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {pages > 1 && (
        <nav class="pages" aria-label={strings.tabs.spans}>
          <IconButton icon="chevron-left" label={strings.previousPage} onClick={() => setPage(Math.max(0, page - 1))} />
          <span role="status">{strings.pages(formatCount(from + 1), formatCount(to), formatCount(layout.count))}</span>
          <IconButton icon="chevron-right" label={strings.nextPage} onClick={() => setPage(Math.min(pages - 1, page + 1))} />
        </nav>
      )}
    </>
  );
}
