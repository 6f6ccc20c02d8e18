import type { Store } from "../shared/store.ts";
import { currentModel, streaming, type PlaygroundAction, type PlaygroundState } from "./model.ts";

/** How soon to ask for the models again, in milliseconds: often while something is going on that one waits for. */
export function refreshAfter(state: PlaygroundState): number {
  const model = currentModel(state);
  const busy = model?.state === "loading" || model?.state === "downloading" || streaming(state)?.answer === "";
  return busy ? 500 : state.offline !== null ? 3000 : 10_000;
}

/** Keeps the models' states true while the page is looked at; other programs load and unload models too. */
export function keepModelsFresh(store: Store<PlaygroundState, PlaygroundAction>, refresh: () => void): void {
  let asked = performance.now();
  // Looks often, asks when it is time: a message sent just now changes how soon that is.
  setInterval(() => {
    const now = performance.now();
    if (document.hidden || now - asked < refreshAfter(store.state)) return;
    asked = now;
    refresh();
  }, 250);
}
