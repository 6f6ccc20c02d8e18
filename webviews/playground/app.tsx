import { useEffect, useState } from "preact/hooks";
import type { FromPlayground } from "../../protocol/panels/playground.ts";
import { ErrorBox } from "../shared/error-box.tsx";
import { forgetToken, type Host } from "../shared/host.ts";
import { LockedPage } from "../shared/notice.tsx";
import { SiteHeader } from "../shared/site-header.tsx";
import { useSelect, type Store } from "../shared/store.ts";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import type { PlaygroundAction, PlaygroundState } from "./model.ts";
import { ModelPicker } from "./model-picker.tsx";
import { Settings } from "./settings.tsx";
import { strings } from "./strings.ts";
import { Transcript } from "./transcript.tsx";
import { IconButton } from "../shared/icon-button.tsx";

export interface Parts {
  readonly store: Store<PlaygroundState, PlaygroundAction>;
  readonly dispatch: (action: PlaygroundAction) => void;
  readonly host: Host<FromPlayground>;
}

export function App(parts: Parts) {
  const { store, dispatch, host } = parts;
  const [open, setOpen] = useState(false);
  const offline = useSelect(store, (state) => state.offline);
  const empty = useSelect(store, (state) => state.exchanges.length === 0);
  const refused = !host.inEditor && offline?.code === "unauthorized";
  useEffect(() => {
    if (refused) forgetToken();
  }, [refused]);
  if (refused) return <LockedPage refused />;

  const clear = () => {
    dispatch({ type: "clear" });
    document.querySelector<HTMLElement>("#message")?.focus();
  };
  return (
    <>
      {!host.inEditor && <SiteHeader here="playground" />}
      <main class="playground">
        <h1 class="spoken">{strings.title}</h1>
        <div class="toolbar">
          <ModelPicker store={store} dispatch={dispatch} />
          <span class="space" />
          <IconButton icon="clear-all" label={strings.clear} disabled={empty} onClick={clear} />
          <button type="button" class="toggle" aria-expanded={open} aria-controls="settings" aria-label={strings.settings} title={strings.settings} onClick={() => setOpen(!open)}>
            <vscode-icon name="settings" />
            <span>{strings.settings}</span>
          </button>
        </div>
        {offline !== null && (
          <div class="banner">
            <ErrorBox error={offline}>
              <button class="link" type="button" onClick={() => host.post({ type: "refresh" })}>
                <vscode-icon name="refresh" />
                {strings.retry}
              </button>
            </ErrorBox>
          </div>
        )}
        <div class="middle">
          <div class="talk">
            <Transcript {...parts} />
            <Composer {...parts} />
          </div>
          <Settings store={store} dispatch={dispatch} open={open} />
        </div>
        <Announcer store={store} />
      </main>
    </>
  );
}
