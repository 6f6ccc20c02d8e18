import type { Disposable } from "../../base/disposable.ts";
import type { Store } from "../shared/store.ts";
import type { FlameAction, FlameState } from "./model.ts";
import { wantedWindow } from "./wanted-window.ts";

/** How long the view has to stand still before more of a file is read. */
const pauseMs = 120;

/** Asks for what a file holds of the part that is looked at, when what was read of it is not all. */
export function followFile(store: Store<FlameState, FlameAction>, ask: (window: { readonly fromUs: number; readonly toUs: number }) => void): Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let view = store.state.view;
  return store.subscribe((state) => {
    if (state.view === view) return;
    ({ view } = state);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const window = wantedWindow(store.state);
      if (window !== null) ask(window);
    }, pauseMs);
  });
}
