import { useSelect } from "../shared/store.ts";
import { stageColours } from "./palette.ts";
import type { ThemeStore } from "./themes.ts";

/** A stage's colour beside its name. */
export function Swatch({ name, themes }: { readonly name: string; readonly themes: ThemeStore }) {
  const { fill, line, hatched } = stageColours(name, useSelect(themes, (state) => state.kind));
  return <i class={hatched ? "swatch hatched" : "swatch"} aria-hidden="true" style={{ backgroundColor: fill, borderColor: line ?? fill }} />;
}
