import { useEffect, useRef } from "preact/hooks";
import type { VscodeTextfield } from "@vscode-elements/elements/dist/vscode-textfield/index.js";
import type { TraceSummary } from "../../protocol/trace.ts";
import { formatDuration, formatMoment } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { isTyping } from "./is-typing.ts";
import { hitNumber, nextHit } from "./search.ts";
import { strings } from "./strings.ts";
import { fit, zoom } from "./viewport.ts";
import { IconButton } from "../shared/icon-button.tsx";

interface ToolbarProps {
  readonly context: Context;
  readonly open: (traceId: string, compare: boolean) => void;
  readonly showTokens: (traceId: string) => void;
  readonly refresh: () => void;
}

export function Toolbar({ context, open, showTokens, refresh }: ToolbarProps) {
  const traces = useSelect(context.store, (state) => state.traces);
  const shown = useSelect(context.store, (state) => state.shown);
  const opening = useSelect(context.store, (state) => state.opening);
  const current = opening ?? shown?.trace.id ?? "";
  // A trace that was opened by its id may be older than the list.
  const listed = traces ?? [];
  const all = shown === null || listed.some(({ id }) => id === shown.trace.id) ? listed : [shown.trace, ...listed];
  return (
    <div class="toolbar" role="toolbar" aria-label={strings.title}>
      {shown !== null && shown.file !== null && <strong class="file">{shown.file.name}</strong>}
      {all.length > 0 && (shown === null || shown.file === null) && (
        <select class="picker" aria-label={strings.trace} value={current} onChange={(change) => open(change.currentTarget.value, false)}>
          {all.map((trace) => (
            <option key={trace.id} value={trace.id} selected={trace.id === current}>
              {describe(trace)}
            </option>
          ))}
        </select>
      )}
      {shown !== null && listed.length > 0 && <SecondPicker context={context} traces={listed} open={open} />}
      <IconButton icon="refresh" label={strings.refresh} onClick={refresh} />
      {shown !== null && shown.file === null && <IconButton icon="symbol-string" label={strings.showTokens} onClick={() => showTokens(shown.trace.id)} />}
      {opening !== null && (
        <span class="opening" role="status">
          <vscode-icon name="loading" spin />
          {strings.opening}
        </span>
      )}
      <span class="space" />
      {shown !== null && <Search context={context} />}
      {shown !== null && <ZoomButtons context={context} />}
    </div>
  );
}

/** The trace to compare with, what to do with the two. */
function SecondPicker({ context: { store }, traces, open }: { readonly context: Context; readonly traces: readonly TraceSummary[]; readonly open: ToolbarProps["open"] }) {
  const other = useSelect(store, (state) => state.other);
  const first = useSelect(store, (state) => state.shown?.trace.id);
  const second = other?.trace.id ?? "";
  const choices = traces.filter(({ id }) => id !== first);
  if (other !== null && !choices.some(({ id }) => id === second)) choices.unshift(other.trace);
  if (choices.length === 0) return null;
  return (
    <>
      <select class="picker second" aria-label={strings.second} value={second} onChange={(change) => change.currentTarget.value !== "" && open(change.currentTarget.value, true)}>
        {other === null && <option value="">{strings.noSecond}</option>}
        {choices.map((trace) => <option key={trace.id} value={trace.id} selected={trace.id === second}>{describe(trace)}</option>)}
      </select>
      {other !== null && (
        <>
          <IconButton icon="arrow-swap" label={strings.swap} onClick={() => store.dispatch({ type: "swap" })} />
          <IconButton icon="close" label={strings.closeSecond} onClick={() => store.dispatch({ type: "closeOther" })} />
        </>
      )}
    </>
  );
}

const describe = (trace: TraceSummary): string => {
  const outcome = trace.status === "ok" ? "" : ` · ${strings.status[trace.status]}${trace.errorCode === null ? "" : ` (${trace.errorCode})`}`;
  return `${formatMoment(trace.startedAt, new Date())} · ${trace.model} · ${formatDuration(trace.durationUs)}${outcome}`;
};

function Search({ context: { store } }: { readonly context: Context }) {
  const field = useRef<VscodeTextfield>(null);
  const hits = useSelect(store, (state) => state.hits);
  const selected = useSelect(store, (state) => state.selected);
  const query = useSelect(store, (state) => state.query);
  const problem = useSelect(store, (state) => state.problem);
  const go = (step: -1 | 1) => {
    if (hits !== null && hits.found.length > 0) store.dispatch({ type: "select", index: nextHit(hits, selected, step), show: "reveal" });
  };
  useEffect(() => {
    const focusField = (event: KeyboardEvent) => {
      const asks = (event.key === "/" && !isTyping(event) && !event.ctrlKey && !event.metaKey) || (event.key === "f" && (event.ctrlKey || event.metaKey));
      if (!asks) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener("keydown", focusField);
    return () => document.removeEventListener("keydown", focusField);
  }, []);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    if (event.key !== "Escape") return;
    store.dispatch({ type: "search", query: { ...store.state.query, text: "" } });
    document.querySelector<HTMLElement>("#graph")?.focus();
  };
  return (
    <search class="search">
      <vscode-textfield
        ref={field} label={strings.search} placeholder={strings.searchHint} value={query.text} invalid={problem !== null} onKeyDown={onKey}
        onInput={(input: { readonly currentTarget: VscodeTextfield }) => store.dispatch({ type: "search", query: { ...store.state.query, text: input.currentTarget.value } })}
      >
        <vscode-icon slot="content-before" name="search" />
      </vscode-textfield>
      <button
        type="button" class="pattern" aria-pressed={query.isPattern} aria-label={strings.pattern} title={strings.pattern}
        onClick={() => store.dispatch({ type: "search", query: { ...query, isPattern: !query.isPattern } })}
      >
        <vscode-icon name="regex" />
      </button>
      <span class={problem === null ? "hits" : "hits problem"} role="status">{problem ?? (hits === null ? "" : strings.hits(hits.found.length, hitNumber(hits, selected)))}</span>
      {hits !== null && hits.found.length > 0 && (
        <>
          <IconButton icon="arrow-up" label={strings.previousHit} onClick={() => go(-1)} />
          <IconButton icon="arrow-down" label={strings.nextHit} onClick={() => go(1)} />
        </>
      )}
    </search>
  );
}

function ZoomButtons({ context: { store } }: { readonly context: Context }) {
  const scale = (factor: number) => () => {
    const { chart, view } = store.state;
    if (chart !== null) store.dispatch({ type: "view", view: zoom(view, chart.layout.bounds, factor, (view.startUs + view.endUs) / 2) });
  };
  const all = () => {
    const { chart } = store.state;
    if (chart !== null) store.dispatch({ type: "view", view: fit(chart.layout.bounds) });
  };
  return (
    <span class="zoom">
      <IconButton icon="zoom-out" label={strings.zoomOut} onClick={scale(1 / 0.6)} />
      <IconButton icon="zoom-in" label={strings.zoomIn} onClick={scale(0.6)} />
      <IconButton icon="screen-full" label={strings.fit} onClick={all} />
    </span>
  );
}
