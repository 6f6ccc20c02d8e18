import { useEffect, useRef } from "preact/hooks";
import { MarkedText } from "../shared/marked-text.tsx";
import { formatPlural } from "../shared/format.ts";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { walk, type Rows } from "./keys.ts";
import { strings } from "./strings.ts";
import { optionId, TokenLine } from "./token-line.tsx";
import type { Line } from "./lines.ts";

/** The conversation as tokens that flow like text. */
export function TextView({ context: { store } }: { readonly context: Context }) {
  const conversation = useSelect(store, (state) => state.conversation);
  const lines = useSelect(store, (state) => state.lines);
  const colouring = useSelect(store, (state) => state.colouring);
  const medianUs = useSelect(store, (state) => (state.colouring === "time" ? state.medianUs : 0));
  const selected = useSelect(store, (state) => state.selected);
  const note = useSelect(store, (state) => noteOf(state.recorded));
  const list = useRef<HTMLDivElement>(null);
  const { tokens, prompt } = conversation;
  useEffect(() => {
    document.getElementById(optionId(selected))?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") document.querySelector<HTMLElement>("#details")?.focus();
    const next = walk(event.key, selected, tokens.length, rowsOf());
    if (next !== null) store.dispatch({ type: "select", index: next });
    if (next !== null || event.key === "Enter") event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    const token = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-index]") : null;
    if (token !== null) store.dispatch({ type: "select", index: Number(token.dataset["index"]) });
  };
  const draw = ({ from, to }: Line) => (
    <TokenLine key={from} tokens={tokens} from={from} to={to} colouring={colouring} medianUs={medianUs} selected={selected >= from && selected < to ? selected : -1} />
  );
  if (tokens.length === 0) return <p class="muted padded"><MarkedText text={note ?? strings.noTokens} /></p>;
  return (
    <div class="text-scroll">
      {note !== null && <p class="muted note-line"><MarkedText text={note} /></p>}
      <div
        ref={list} id="conversation" class="conversation" role="listbox" tabIndex={0} aria-label={strings.conversation(formatPlural(tokens.length, "token"))}
        aria-activedescendant={selected === -1 ? undefined : optionId(selected)} onKeyDown={onKey} onClick={onClick}
      >
        {prompt > 0 && (
          <div role="group" aria-labelledby="prompt-heading" class="part">
            <span class="part-name" id="prompt-heading" aria-hidden="true">{strings.prompt}</span>
            {lines.filter(({ to }) => to <= prompt).map(draw)}
          </div>
        )}
        {tokens.length > prompt && (
          <div role="group" aria-labelledby="answer-heading" class="part">
            <span class="part-name" id="answer-heading" aria-hidden="true">{strings.answer}</span>
            {lines.filter(({ from }) => from >= prompt).map(draw)}
          </div>
        )}
      </div>
    </div>
  );
}

const noteOf = (recorded: { readonly recording: string; readonly complete: boolean } | null): string | null => {
  if (recorded === null) return null;
  if (recorded.recording === "off") return strings.recordingOff;
  if (recorded.recording === "numbers") return strings.recordingNumbers;
  return recorded.complete ? null : strings.incomplete;
};

/** Rows as the browser broke them: the token of the row above or below whose middle is nearest. */
function rowsOf(): Rows {
  const box = (index: number) => document.getElementById(optionId(index))?.getClientRects()[0];
  const search = (index: number, step: -1 | 1): number => {
    const own = box(index);
    if (own === undefined) return index;
    const middle = own.left + own.width / 2;
    let best: { readonly index: number; readonly top: number; readonly distance: number } | null = null;
    for (let next = index + step; ; next += step) {
      const other = box(next);
      if (other === undefined || (best !== null && Math.abs(other.top - best.top) > 2)) return best?.index ?? index;
      if (Math.abs(other.top - own.top) <= 2) continue;
      const distance = Math.abs(other.left + other.width / 2 - middle);
      if (best === null || distance < best.distance) best = { index: next, top: other.top, distance };
    }
  };
  return { rowAbove: (index) => search(index, -1), rowBelow: (index) => search(index, 1) };
}
