import type { FlameState } from "./model.ts";

/** The part of a file that should be read now: null when all of it was, or when what is looked at was read closely enough. */
export function wantedWindow({ shown, mode, view }: Pick<FlameState, "shown" | "mode" | "view">): { readonly fromUs: number; readonly toUs: number } | null {
  const file = shown?.file;
  if (file === null || file === undefined || mode !== "time") return null;
  const [width, read] = [view.endUs - view.startUs, file.toUs - file.fromUs];
  const inside = view.startUs >= file.fromUs && view.endUs <= file.toUs;
  // Zoomed in by half, there is room for shorter spans; as long as none were left out there are none.
  if (inside && (file.leftOut === 0 || width > read / 2)) return null;
  // With room on both sides, so that not every step of a pan reads again.
  return { fromUs: view.startUs - width / 4, toUs: view.endUs + width / 4 };
}
