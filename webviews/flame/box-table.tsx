import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount } from "../shared/format.ts";
import { IconButton } from "../shared/icon-button.tsx";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import type { FlameAction } from "./model.ts";
import type { Opened } from "./opened.ts";
import type { Chart, Timeline } from "./chart.ts";
import { strings } from "./strings.ts";
import { Swatch } from "./swatch.tsx";
import { tableOf } from "./table.ts";

/** Rows on one page: a real table of that many rows is quick to build and easy to read aloud, where a million are neither. */
export const pageSize = 200;

interface BoxTableProps {
  readonly chart: Chart;
  readonly timeline: Timeline;
  readonly shown: Opened;
  readonly context: Context;
}

/** The graph's twin: the same boxes, in the same order, as a table. What is selected in one is selected in the other. */
export function BoxTable({ chart, timeline, shown, context }: BoxTableProps) {
  const { store } = context;
  const selected = useSelect(store, (state) => state.selected);
  const picked = useSelect(store, (state) => state.picked);
  const [page, setPage] = useState(Math.max(0, Math.floor(selected / pageSize)));
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => setPage(Math.max(0, Math.floor(selected / pageSize))), [selected, chart]);
  useEffect(() => {
    const row = body.current?.querySelector<HTMLElement>('[aria-current="true"]');
    row?.scrollIntoView({ block: "nearest" });
    // Keyboard users stay in the table while they walk through it.
    if (body.current?.contains(document.activeElement) === true) row?.focus();
  }, [selected, page]);

  const table = tableOf(chart, timeline, shown.trace.durationUs);
  const pages = Math.max(1, Math.ceil(table.count / pageSize));
  const from = Math.min(page, pages - 1) * pageSize;
  const to = Math.min(from + pageSize, table.count);
  const select = (index: number, show: "reveal" | "zoom", keep = false) => store.dispatch({ type: "select", index, show, keep });
  const onKey = (event: KeyboardEvent) => {
    const action = tableKey(event, selected, table.count);
    if (action === null) return;
    store.dispatch(action);
    event.preventDefault();
  };
  const onClick = (event: MouseEvent, index: number) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) store.dispatch({ type: "pick", index });
    else select(index, "reveal");
  };
  if (table.count === 0) return <p class="muted padded">{strings.noSpans}</p>;
  const focusable = selected >= from && selected < to ? selected : from;
  return (
    <>
      <table class={`spans ${chart.mode}`} aria-rowcount={table.count + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {table.columns.map((column) => <th key={column} scope="col">{column}</th>)}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKey}>
          {Array.from({ length: to - from }, (_, offset) => {
            const index = from + offset;
            const [number, name, ...cells] = table.cells(index);
            const attributes = chart.mode === "time" ? cells.pop() : undefined;
            return (
              <tr
                key={index} aria-rowindex={index + 2} aria-current={index === selected ? "true" : undefined} data-picked={picked.includes(index) ? "" : undefined}
                tabIndex={index === focusable ? 0 : -1}
                onClick={(event) => onClick(event, index)} onDblClick={() => select(index, "zoom")} onFocus={() => index !== selected && select(index, "reveal", true)}
              >
                <td>{number}</td>
                <th scope="row" style={{ paddingInlineStart: `${12 + 12 * Math.min(table.depth(index), 40)}px` }}>
                  <Swatch name={name ?? ""} tone={chart.mode === "compare" ? chart.difference.tone[index] : undefined} themes={context.themes} />
                  {name}
                </th>
                {cells.map((cell, column) => <td key={column}>{cell}</td>)}
                {attributes !== undefined && <td class="attributes">{attributes}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
      {pages > 1 && (
        <nav class="pages" aria-label={strings.twins[chart.mode]}>
          <IconButton icon="chevron-left" label={strings.previousPage} onClick={() => setPage(Math.max(0, page - 1))} />
          <span role="status">{strings.pages(formatCount(from + 1), formatCount(to), formatCount(table.count))}</span>
          <IconButton icon="chevron-right" label={strings.nextPage} onClick={() => setPage(Math.min(pages - 1, page + 1))} />
        </nav>
      )}
    </>
  );
}

/** What a key does in the table: arrows walk, Enter zooms the graph, Space picks. */
function tableKey({ key }: KeyboardEvent, selected: number, count: number): FlameAction | null {
  const next: Record<string, number> = { ArrowDown: selected + 1, ArrowUp: selected - 1, PageDown: selected + 20, PageUp: selected - 20, Home: 0, End: count - 1 };
  const target = next[key];
  if (target !== undefined) return { type: "select", index: Math.max(0, Math.min(count - 1, target)), show: "reveal", keep: true };
  if (selected === -1) return null;
  if (key === "Enter") return { type: "select", index: selected, show: "zoom", keep: true };
  return key === " " ? { type: "pick", index: selected } : null;
}
