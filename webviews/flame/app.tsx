import { useEffect } from "preact/hooks";
import { forgetToken } from "../shared/host.ts";
import { ErrorBox } from "../shared/error-box.tsx";
import { LockedPage, Notice } from "../shared/notice.tsx";
import { MarkedText } from "../shared/marked-text.tsx";
import { SiteHeader } from "../shared/site-header.tsx";
import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { Details } from "./details.tsx";
import { Facts } from "./facts.tsx";
import { Graph } from "./graph.tsx";
import { isTyping } from "./is-typing.ts";
import { panelKey } from "./keys.ts";
import { Second } from "./second.tsx";
import { strings } from "./strings.ts";
import { Tabs } from "./tabs.tsx";
import { Toolbar } from "./toolbar.tsx";
import { ViewBar } from "./view-bar.tsx";

interface AppProps {
  readonly context: Context;
  readonly inEditor: boolean;
  readonly open: (traceId: string, compare: boolean) => void;
  readonly showTokens: (traceId: string) => void;
  readonly refresh: () => void;
  readonly restart: () => void;
}

export function App({ context, inEditor, open, showTokens, refresh, restart }: AppProps) {
  const { store } = context;
  const shown = useSelect(store, (state) => state.shown);
  const chart = useSelect(store, (state) => state.chart);
  const timeline = useSelect(store, (state) => state.timeline);
  const other = useSelect(store, (state) => state.other);
  const error = useSelect(store, (state) => state.error);
  const traces = useSelect(store, (state) => state.traces);
  const opening = useSelect(store, (state) => state.opening);
  const refused = !inEditor && error?.code === "unauthorized";
  useEffect(() => {
    if (refused) forgetToken();
  }, [refused]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const action = panelKey({ key: event.key, shift: event.shiftKey });
      if (action !== null) store.dispatch(action);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [store]);
  if (refused) return <LockedPage refused />;

  return (
    <>
      {!inEditor && <SiteHeader here="flame" />}
      <main class="flame">
        <h1 class="spoken">{strings.title}</h1>
        <Toolbar context={context} open={open} showTokens={showTokens} refresh={refresh} />
        {error !== null && (
          <div class="banner">
            <ErrorBox error={error}>
              <button class="link" type="button" onClick={restart}>
                <vscode-icon name="refresh" />
                {strings.retry}
              </button>
            </ErrorBox>
          </div>
        )}
        {shown !== null && chart !== null && timeline !== null && (
          <>
            <Facts shown={shown} />
            {other !== null && chart.mode === "compare" && <Second shown={shown} other={other} />}
            <ViewBar chart={chart} timeline={timeline} shown={shown} context={context} />
            <Graph chart={chart} timeline={timeline} shown={shown} context={context} />
            <div class="lower">
              <Tabs chart={chart} timeline={timeline} shown={shown} context={context} />
              <Details chart={chart} timeline={timeline} shown={shown} context={context} />
            </div>
          </>
        )}
        {shown === null && error === null && <Waiting empty={traces?.length === 0 && opening === null} />}
      </main>
    </>
  );
}

function Waiting({ empty }: { readonly empty: boolean }) {
  if (empty) {
    return (
      <Notice icon="flame" title={strings.emptyTitle}>
        <p>
          <MarkedText text={strings.emptyText} />
        </p>
      </Notice>
    );
  }
  return (
    <div class="notice" role="status">
      <vscode-progress-ring aria-hidden="true" />
      <p>{strings.waiting}</p>
    </div>
  );
}
