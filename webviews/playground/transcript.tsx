import { useEffect, useRef, useState } from "preact/hooks";
import { Notice } from "../shared/notice.tsx";
import { useSelect } from "../shared/store.ts";
import type { Parts } from "./app.tsx";
import { ExchangeView } from "./exchange.tsx";
import { strings } from "./strings.ts";

/** The conversation. Follows the text while it grows, unless the reader has scrolled away from its end. */
export function Transcript({ store, dispatch, host }: Parts) {
  const exchanges = useSelect(store, (state) => state.exchanges);
  const ready = useSelect(store, (state) => state.model !== null);
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const last = exchanges.at(-1);
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight });

  useEffect(() => {
    setFollows(true);
    toEnd();
  }, [last?.id]);
  useEffect(() => {
    if (follows) toEnd();
  }, [exchanges, follows]);
  const onScroll = () => {
    const element = box.current;
    if (element !== null) setFollows(element.scrollHeight - element.scrollTop - element.clientHeight < 32);
  };
  const tryExample = (text: string) => {
    dispatch({ type: "draft", text });
    document.querySelector<HTMLElement>("#message")?.focus();
  };

  return (
    <div class="transcript-frame">
      <div class="transcript" ref={box} onScroll={onScroll} role="region" aria-label={strings.conversation} tabIndex={0}>
        {exchanges.length === 0 ? (
          <Notice icon="comment-discussion" title={strings.emptyTitle}>
            <p>{strings.emptyText}</p>
            {ready && (
              <ul class="examples">
                {strings.examples.map((text) => (
                  <li key={text}>
                    <button type="button" onClick={() => tryExample(text)}>{text}</button>
                  </li>
                ))}
              </ul>
            )}
          </Notice>
        ) : (
          <ol>
            {exchanges.map((exchange) => (
              <ExchangeView key={exchange.id} exchange={exchange} last={exchange === last} store={store} dispatch={dispatch} host={host} />
            ))}
          </ol>
        )}
      </div>
      {!follows && (
        <button type="button" class="to-end" title={strings.toEnd} aria-label={strings.toEnd} onClick={toEnd}>
          <vscode-icon name="arrow-down" />
        </button>
      )}
    </div>
  );
}
