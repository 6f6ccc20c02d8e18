import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, formatDuration, formatShare } from "../shared/format.ts";
import { IconButton } from "../shared/icon-button.tsx";
import { useSelect } from "../shared/store.ts";
import { tintOf } from "./colours.ts";
import type { Context } from "./context.ts";
import { probabilityOf, type Token } from "./conversation.ts";
import { formatLogprob } from "./label.ts";
import { strings } from "./strings.ts";
import { quoted } from "./visible.ts";

/** Rows on one page: as in the Flame panel, quick to build and easy to read aloud. */
export const pageSize = 200;

/** The text's twin: the same tokens, in the same order, as a table. What is selected in one is selected in the other. */
export function TableView({ context: { store } }: { readonly context: Context }) {
  const { tokens, prompt } = useSelect(store, (state) => state.conversation);
  const selected = useSelect(store, (state) => state.selected);
  const colouring = useSelect(store, (state) => state.colouring);
  const medianUs = useSelect(store, (state) => state.medianUs);
  const pageOf = (index: number) => Math.floor(Math.max(0, index) / pageSize);
  const [page, setPage] = useState(pageOf(selected));
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    if (selected !== -1) setPage(pageOf(selected));
  }, [selected]);
  useEffect(() => {
    const row = body.current?.querySelector<HTMLElement>('[aria-current="true"]');
    row?.scrollIntoView({ block: "nearest" });
    // Keyboard users stay in the table while they walk through it.
    if (body.current?.contains(document.activeElement) === true) row?.focus();
  }, [selected, page]);
  const pages = Math.max(1, Math.ceil(tokens.length / pageSize));
  const from = Math.min(page, pages - 1) * pageSize;
  const to = Math.min(from + pageSize, tokens.length);
  const focusable = selected >= from && selected < to ? selected : from;
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") document.querySelector<HTMLElement>("#details")?.focus();
    const next: Record<string, number> = { ArrowDown: selected + 1, ArrowUp: selected - 1, PageDown: selected + 20, PageUp: selected - 20, Home: 0, End: tokens.length - 1 };
    const target = next[event.key];
    if (target !== undefined) store.dispatch({ type: "select", index: Math.max(0, Math.min(tokens.length - 1, target)) });
    if (target !== undefined || event.key === "Enter") event.preventDefault();
  };
  if (tokens.length === 0) return <p class="muted padded">{strings.noTokens}</p>;
  const { table } = strings;
  return (
    <div class="table-scroll">
      <table class="list" aria-rowcount={tokens.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {Object.values(table).map((name) => <th key={name} scope="col">{name}</th>)}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKey}>
          {tokens.slice(from, to).map((token, offset) => {
            const index = from + offset;
            const select = () => store.dispatch({ type: "select", index });
            return (
              <tr key={index} aria-rowindex={index + 2} aria-current={index === selected ? "true" : undefined} tabIndex={index === focusable ? 0 : -1} onClick={select} onFocus={select}>
                <td>{formatCount(token.place)}</td>
                <td class="words">{index < prompt ? strings.prompt : strings.answer}</td>
                <th scope="row">
                  <i class={`sample ${tintOf(token, colouring, medianUs)}`} aria-hidden="true" />
                  <code>{token.id === null ? strings.unnamed(String(token.place)) : quoted(token.text)}</code>
                </th>
                <td>{token.id ?? "–"}</td>
                <Numbers token={token} />
              </tr>
            );
          })}
        </tbody>
      </table>
      {pages > 1 && (
        <nav class="pages" aria-label={strings.viewNames.table}>
          <IconButton icon="chevron-left" label={strings.previousPage} onClick={() => setPage(Math.max(0, page - 1))} />
          <span role="status">{strings.pages(formatCount(from + 1), formatCount(to), formatCount(tokens.length))}</span>
          <IconButton icon="chevron-right" label={strings.nextPage} onClick={() => setPage(Math.min(pages - 1, page + 1))} />
        </nav>
      )}
    </div>
  );
}

function Numbers({ token: { choice, cached } }: { readonly token: Token }) {
  if (choice === null) return <td colSpan={8} class="words">{cached ? strings.fromCache : strings.computed}</td>;
  return (
    <>
      <td>{formatShare(probabilityOf(choice.logprob))}</td>
      <td>{formatLogprob(choice.logprob)}</td>
      <td>{choice.entropy === null ? "–" : choice.entropy.toFixed(3)}</td>
      <td>{choice.tookUs === null ? "–" : formatDuration(choice.tookUs)}</td>
      <td class="words">{choice.chosenBy}</td>
      <td>{choice.batch}</td>
      <td>{formatCount(choice.cells)}</td>
      <td class="words">{choice.guess === "none" ? "–" : choice.guess}</td>
    </>
  );
}
