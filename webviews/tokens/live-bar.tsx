import { useSelect } from "../shared/store.ts";
import type { Context } from "./context.ts";
import { strings } from "./strings.ts";

/** A request in work: stop it, step it, let it go on. */
export function LiveBar({ context: { store, post } }: { readonly context: Context }) {
  const live = useSelect(store, (state) => state.recorded?.live === true);
  const paused = useSelect(store, (state) => state.debug?.attached === true);
  const work = useSelect(store, (state) => state.work);
  if (!live && !paused) return null;
  const busy = work !== null;
  return (
    <div class="live" role="group" aria-label={strings.status.running}>
      <vscode-icon name={paused ? "debug-pause" : "loading"} spin={!paused} />
      <span role="status">{work === null ? (paused ? strings.paused : strings.live) : strings.work[work]}</span>
      {paused ? (
        <>
          <button type="button" class="plain" disabled={busy} onClick={() => post({ type: "step", count: 1 })}>{strings.stepOne}</button>
          <button type="button" class="plain" disabled={busy} onClick={() => post({ type: "step", count: 10 })}>{strings.stepTen}</button>
          <button type="button" class="plain" disabled={busy} onClick={() => post({ type: "end" })}>{strings.resume}</button>
        </>
      ) : <button type="button" class="plain" disabled={busy} onClick={() => post({ type: "pause" })}>{strings.pause}</button>}
    </div>
  );
}
