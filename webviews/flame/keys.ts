import { modes } from "./chart.ts";
import { above, below, neighbour } from "./find.ts";
import type { FlameAction, FlameState } from "./model.ts";
import { fit, pan, zoom } from "./viewport.ts";

/** What of a key press matters. */
export interface Key {
  readonly key: string;
  readonly shift: boolean;
}

/** Keys that work wherever one is in the panel, but for text fields: views and steps. */
export function panelKey({ key }: Key): FlameAction | null {
  const mode = modes[Number(key) - 1];
  if (mode !== undefined) return { type: "mode", mode };
  if (key === ",") return { type: "step", by: -1 };
  return key === "." ? { type: "step", by: 1 } : null;
}

/** What a key does on the graph; null leaves it to the browser. Arrows walk from box to box; with Shift, or as WASD, they move the view. */
export function keyAction({ key, shift }: Key, state: FlameState): FlameAction | null {
  const { chart, view, selected } = state;
  if (chart === null) return null;
  const { layout } = chart;
  const { bounds } = layout;
  const middle = (view.startUs + view.endUs) / 2;
  const step = (view.endUs - view.startUs) / 8;
  const to = (index: number): FlameAction => ({ type: "select", index, show: "reveal", keep: true });
  const move = (direction: -1 | 1): FlameAction => ({ type: "view", view: pan(view, bounds, direction * step) });
  const scale = (factor: number): FlameAction => ({ type: "view", view: zoom(view, bounds, factor, middle) });
  const walk = (next: (index: number) => number): FlameAction | null => (layout.count === 0 ? null : to(selected === -1 ? firstOf(layout) : next(selected)));

  switch (key) {
    case "ArrowLeft":
      return shift ? move(-1) : walk((index) => neighbour(layout, index, -1));
    case "ArrowRight":
      return shift ? move(1) : walk((index) => neighbour(layout, index, 1));
    case "ArrowUp":
      return walk((index) => above(layout, index));
    case "ArrowDown":
      return walk((index) => below(layout, index));
    case "Home":
      return layout.count === 0 ? null : to(0);
    case "End":
      return layout.count === 0 ? null : to(layout.count - 1);
    case "Enter":
      return selected === -1 ? walk(() => 0) : { type: "select", index: selected, show: "zoom", keep: true };
    case " ":
      return selected === -1 ? null : { type: "pick", index: selected };
    case "Escape":
      return { type: "select", index: -1 };
    case "f":
      return foldAction(state);
    case "+":
    case "=":
    case "w":
      return scale(0.6);
    case "-":
    case "s":
      return scale(1 / 0.6);
    case "a":
      return move(-1);
    case "d":
      return move(1);
    case "0":
      return { type: "view", view: fit(bounds) };
    default:
      return null;
  }
}

/** Where walking begins: the root, which in a sandwich is in the middle. */
const firstOf = (layout: NonNullable<FlameState["chart"]>["layout"]): number => layout.rows[layout.rootRow]?.spans[0] ?? 0;

/** Folds the track of what is selected, or opens it again. */
function foldAction({ chart, selected }: FlameState): FlameAction | null {
  if (chart === null || selected === -1) return null;
  const { layout } = chart;
  const track = layout.tracks[layout.rows[layout.row[selected]!]!.track];
  return track === undefined ? null : { type: "fold", key: track.key };
}
