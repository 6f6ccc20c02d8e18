import type { TraceSummary } from "../../protocol/trace.ts";
import { formatDuration, formatMoment } from "../shared/format.ts";
import { IconButton } from "../shared/icon-button.tsx";
import { useSelect } from "../shared/store.ts";
import { colourings } from "./colours.ts";
import type { Context } from "./context.ts";
import type { View } from "./model.ts";
import { strings } from "./strings.ts";

/** Which trace, which answer of it, how it is drawn. */
export function Toolbar({ context: { store, post, open } }: { readonly context: Context }) {
  const traces = useSelect(store, (state) => state.traces);
  const trace = useSelect(store, (state) => state.trace);
  const opening = useSelect(store, (state) => state.opening);
  const colouring = useSelect(store, (state) => state.colouring);
  const current = opening ?? trace?.id ?? "";
  const listed = traces ?? [];
  // A trace that was opened by its id may be older than the list.
  const all = trace === null || listed.some(({ id }) => id === trace.id) ? listed : [trace, ...listed];
  return (
    <div class="toolbar" role="toolbar" aria-label={strings.title}>
      {all.length > 0 && (
        <select class="picker trace" aria-label={strings.trace} value={current} onChange={(change) => open(change.currentTarget.value)}>
          {all.map((one) => <option key={one.id} value={one.id} selected={one.id === current}>{describe(one)}</option>)}
        </select>
      )}
      <IconButton icon="refresh" label={strings.refresh} onClick={() => post({ type: "list" })} />
      {trace !== null && <IconButton icon="flame" label={strings.showInFlame} onClick={() => post({ type: "flame", traceId: trace.id, atUs: null })} />}
      {opening !== null && (
        <span class="opening" role="status">
          <vscode-icon name="loading" spin />
          {strings.opening}
        </span>
      )}
      <span class="space" />
      <AnswerPicker store={store} />
      {trace !== null && (
        <label class="colouring">
          <span>{strings.colour}</span>
          <select class="picker" value={colouring} onChange={(change) => store.dispatch({ type: "colour", colouring: colourings.find((one) => one === change.currentTarget.value) ?? "probability" })}>
            {colourings.map((one) => <option key={one} value={one} selected={one === colouring}>{strings.colourings[one]}</option>)}
          </select>
        </label>
      )}
      {trace !== null && <Views store={store} />}
    </div>
  );
}

function AnswerPicker({ store }: Pick<Context, "store">) {
  const recorded = useSelect(store, (state) => state.recorded);
  const answer = useSelect(store, (state) => state.answer);
  if (recorded === null || recorded.answers.length < 2) return null;
  return (
    <select class="picker" aria-label={strings.answers} value={answer} onChange={(change) => store.dispatch({ type: "answer", answer: Number(change.currentTarget.value) })}>
      {recorded.answers.map((one) => <option key={one.answer} value={one.answer} selected={one.answer === answer}>{strings.answerNumber(one.answer + 1)}</option>)}
    </select>
  );
}

function Views({ store }: Pick<Context, "store">) {
  const view = useSelect(store, (state) => state.view);
  const comparable = useSelect(store, (state) => state.branches.size > 0);
  const names: readonly View[] = comparable ? ["text", "table", "difference"] : ["text", "table"];
  return (
    <span class="modes" role="group" aria-label={strings.views}>
      {names.map((name) => (
        <button key={name} type="button" aria-pressed={name === view} onClick={() => store.dispatch({ type: "view", view: name })}>{strings.viewNames[name]}</button>
      ))}
    </span>
  );
}

const describe = (trace: TraceSummary): string => {
  const outcome = trace.status === "ok" ? "" : ` · ${strings.status[trace.status]}${trace.errorCode === null ? "" : ` (${trace.errorCode})`}`;
  return `${formatMoment(trace.startedAt, new Date())} · ${trace.model} · ${formatDuration(trace.durationUs)}${outcome}`;
};
