import { useEffect, useRef } from "preact/hooks";
import { useSelect } from "../shared/store.ts";
import type { Parts } from "./app.tsx";
import { canSend, streaming } from "./model.ts";
import { strings } from "./strings.ts";

/** Where one writes. Enter sends, Shift+Enter starts a new line, Esc stops the answer. */
export function Composer({ store, dispatch, host }: Parts) {
  const draft = useSelect(store, (state) => state.draft);
  const model = useSelect(store, (state) => state.model);
  const sendable = useSelect(store, canSend);
  const running = useSelect(store, (state) => streaming(state)?.id ?? null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);

  const stop = () => {
    if (running !== null) host.post({ type: "stop", id: running });
    field.current?.focus();
  };
  useEffect(() => {
    if (running === null) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") stop();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [running]);
  const onKey = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter chooses among its suggestions.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    dispatch({ type: "send" });
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        dispatch({ type: "send" });
      }}
    >
      <div class="writing">
        <textarea
          id="message" ref={field} rows={1} value={draft} aria-label={strings.message} aria-describedby="composer-keys"
          placeholder={model === null ? strings.noModelHint : strings.messageHint(model)}
          onInput={(input) => dispatch({ type: "draft", text: input.currentTarget.value })} onKeyDown={onKey}
        />
        {running === null ? (
          <button type="submit" class="send" disabled={!sendable} title={strings.send} aria-label={strings.send}>
            <vscode-icon name="send" />
          </button>
        ) : (
          <button type="button" class="send stop" title={strings.stop} aria-label={strings.stop} onClick={stop}>
            <vscode-icon name="debug-stop" />
          </button>
        )}
      </div>
      <p class="hint" id="composer-keys">{strings.keys}</p>
    </form>
  );
}
