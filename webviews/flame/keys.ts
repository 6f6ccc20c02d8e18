import type { FlameAction, FlameState } from "./model.ts";
import { firstChild, neighbour } from "./find.ts";
import { fit, pan, zoom } from "./viewport.ts";

/** What of a key press matters. */
export interface Key {
  readonly key: string;
  readonly shift: boolean;
}

/** What a key does on the graph; null leaves it to the browser. Arrows walk from span to span; with Shift, or as WASD, they move the view. */
export function keyAction({ key, shift }: Key, state: FlameState): FlameAction | null {
  const { shown, view, selected } = state;
  if (shown === null) return null;
  const { layout } = shown;
  const { bounds } = layout;
  const middle = (view.startUs + view.endUs) / 2;
  const step = (view.endUs - view.startUs) / 8;
  const to = (index: number): FlameAction => ({ type: "select", index, show: "reveal" });
  const move = (direction: -1 | 1): FlameAction => ({ type: "view", view: pan(view, bounds, direction * step) });
  const scale = (factor: number): FlameAction => ({ type: "view", view: zoom(view, bounds, factor, middle) });
  const walk = (next: (index: number) => number): FlameAction | null => (layout.count === 0 ? null : to(selected === -1 ? 0 : next(selected)));

  switch (key) {
    case "ArrowLeft":
      return shift ? move(-1) : walk((index) => neighbour(layout, index, -1));
    case "ArrowRight":
      return shift ? move(1) : walk((index) => neighbour(layout, index, 1));
    case "ArrowUp":
      return walk((index) => (layout.parent[index] === -1 ? index : layout.parent[index]!));
    case "ArrowDown":
      return walk((index) => firstChild(layout, index));
    case "Home":
      return layout.count === 0 ? null : to(0);
    case "End":
      return layout.count === 0 ? null : to(layout.count - 1);
    case "Enter":
      return selected === -1 ? walk(() => 0) : { type: "select", index: selected, show: "zoom" };
    case "Escape":
      return { type: "select", index: -1 };
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
