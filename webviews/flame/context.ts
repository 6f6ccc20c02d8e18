import type { Store } from "../shared/store.ts";
import type { FlameAction, FlameState } from "./model.ts";
import type { ThemeStore } from "./themes.ts";

/** What every part of the panel is given. */
export interface Context {
  readonly store: Store<FlameState, FlameAction>;
  readonly themes: ThemeStore;
  readonly copy: (text: string) => void;
}
