import { useSelect } from "../shared/store.ts";
import { stageColours, toneColours } from "./palette.ts";
import type { ThemeStore } from "./themes.ts";

interface SwatchProps {
  readonly name: string;
  /** Of a difference: its colour instead of the name's. */
  readonly tone?: number | undefined;
  readonly themes: ThemeStore;
}

/** A stage's colour beside its name. */
export function Swatch({ name, tone, themes }: SwatchProps) {
  const kind = useSelect(themes, (state) => state.kind);
  const { fill, line, hatched } = (tone === undefined ? undefined : toneColours(kind)[tone + 2]) ?? stageColours(name, kind);
  return <i class={hatched ? "swatch hatched" : "swatch"} aria-hidden="true" style={{ backgroundColor: fill, borderColor: line ?? fill }} />;
}
