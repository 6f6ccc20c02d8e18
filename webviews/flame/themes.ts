import { Store } from "../shared/store.ts";
import type { ThemeKind } from "../shared/theme.ts";

/** The page's theme. A new object for every change: another theme of the same kind has other colours too. */
export type ThemeStore = Store<{ readonly kind: ThemeKind }, ThemeKind>;

export const createThemeStore = (kind: ThemeKind): ThemeStore => new Store((_, next) => ({ kind: next }), { kind });
