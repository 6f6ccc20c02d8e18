import { useEffect } from "preact/hooks";
import { forgetToken } from "../shared/host.ts";
import { ErrorBox } from "../shared/error-box.tsx";
import { LockedPage, Notice } from "../shared/notice.tsx";
import { MarkedText } from "../shared/marked-text.tsx";
import { SiteHeader } from "../shared/site-header.tsx";
import { useSelect } from "../shared/store.ts";
import { Announcer } from "./announcer.tsx";
import { BranchTree } from "./branch-tree.tsx";
import type { Context } from "./context.ts";
import { Details } from "./details.tsx";
import { DifferenceView } from "./difference-view.tsx";
import { Legend } from "./legend.tsx";
import { LiveBar } from "./live-bar.tsx";
import { ReuseView } from "./reuse-view.tsx";
import { strings } from "./strings.ts";
import { TableView } from "./table-view.tsx";
import { TextView } from "./text-view.tsx";
import { Toolbar } from "./toolbar.tsx";

interface AppProps {
  readonly context: Context;
  readonly inEditor: boolean;
}

export function App({ context, inEditor }: AppProps) {
  const { store, post } = context;
  const error = useSelect(store, (state) => state.error);
  const shown = useSelect(store, (state) => state.trace !== null);
  const empty = useSelect(store, (state) => state.traces?.length === 0 && state.opening === null);
  const refused = !inEditor && error?.code === "unauthorized";
  useEffect(() => {
    if (refused) forgetToken();
  }, [refused]);
  if (refused) return <LockedPage refused />;
  return (
    <>
      {!inEditor && <SiteHeader here="tokens" />}
      <main class="tokens">
        <h1 class="spoken">{strings.title}</h1>
        <Toolbar context={context} />
        {error !== null && (
          <div class="banner">
            <ErrorBox error={error}>
              <button class="link" type="button" onClick={() => post({ type: "ready" })}>
                <vscode-icon name="refresh" />
                {strings.retry}
              </button>
            </ErrorBox>
          </div>
        )}
        {shown && <Shown context={context} />}
        {!shown && error === null && <Waiting empty={empty} />}
        <Announcer context={context} />
      </main>
    </>
  );
}

function Shown({ context }: { readonly context: Context }) {
  const view = useSelect(context.store, (state) => state.view);
  return (
    <>
      <LiveBar context={context} />
      <ReuseView context={context} />
      <div class="lower">
        <section class="left" aria-label={strings.viewNames[view]}>
          <BranchTree context={context} />
          {view !== "difference" && <Legend context={context} />}
          {view === "text" && <TextView context={context} />}
          {view === "table" && <TableView context={context} />}
          {view === "difference" && <DifferenceView context={context} />}
        </section>
        <Details context={context} />
      </div>
    </>
  );
}

function Waiting({ empty }: { readonly empty: boolean }) {
  if (empty) {
    return (
      <Notice icon="symbol-string" title={strings.emptyTitle}>
        <p><MarkedText text={strings.emptyText} /></p>
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
