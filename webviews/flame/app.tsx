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
import { strings } from "./strings.ts";
import { Tabs } from "./tabs.tsx";
import { Toolbar } from "./toolbar.tsx";

interface AppProps {
  readonly context: Context;
  readonly inEditor: boolean;
  readonly open: (traceId: string) => void;
  readonly refresh: () => void;
  readonly restart: () => void;
}

export function App({ context, inEditor, open, refresh, restart }: AppProps) {
  const { store } = context;
  const shown = useSelect(store, (state) => state.shown);
  const error = useSelect(store, (state) => state.error);
  const traces = useSelect(store, (state) => state.traces);
  const opening = useSelect(store, (state) => state.opening);
  const refused = !inEditor && error?.code === "unauthorized";
  useEffect(() => {
    if (refused) forgetToken();
  }, [refused]);
  if (refused) return <LockedPage refused />;

  return (
    <>
      {!inEditor && <SiteHeader here="flame" />}
      <main class="flame">
        <h1 class="spoken">{strings.title}</h1>
        <Toolbar context={context} open={open} refresh={refresh} />
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
        {shown !== null && (
          <>
            <Facts shown={shown} />
            <Graph shown={shown} context={context} />
            <div class="lower">
              <Tabs shown={shown} context={context} />
              <Details shown={shown} context={context} />
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
