import { DisposableStore, toDisposable } from "../../base/disposable.ts";
import type { Store } from "../shared/store.ts";
import { createBoxes, fillBoxes } from "./boxes.ts";
import type { Theme } from "./draw.ts";
import type { Chart } from "./chart.ts";
import type { FlameAction, FlameState } from "./model.ts";
import { readTheme } from "./read-theme.ts";
import { fitCanvas, onFrame } from "./surface.ts";
import type { ThemeStore } from "./themes.ts";
import { fit, pan, toUs, toX, zoom, type Viewport } from "./viewport.ts";

const height = 34;

/** The strip above the graph: the whole request, and which part of it the graph shows. Drag the part; drag beside it to choose another. */
export class OverviewView {
  readonly #canvas: HTMLCanvasElement;
  readonly #store: Store<FlameState, FlameAction>;
  readonly #themes: ThemeStore;
  readonly #disposables = new DisposableStore();
  /** The spans, drawn once per trace, search, size and theme: only the window moves while one pans. */
  readonly #picture = document.createElement("canvas");
  #pictureOf: { readonly chart: Chart; readonly hits: FlameState["hits"]; readonly width: number; readonly theme: Theme } | null = null;
  #theme: { readonly of: Chart; readonly value: Theme } | null = null;
  #drag: { readonly from: number; readonly view: Viewport; readonly moves: boolean } | null = null;

  constructor(canvas: HTMLCanvasElement, store: Store<FlameState, FlameAction>, themes: ThemeStore) {
    this.#canvas = canvas;
    this.#store = store;
    this.#themes = themes;
    const frame = onFrame(() => this.#draw());
    this.#disposables.add(frame);
    this.#disposables.add(store.subscribe(frame.request));
    this.#disposables.add(themes.subscribe(() => {
      this.#theme = null;
      frame.request();
    }));
    const resize = new ResizeObserver(frame.request);
    resize.observe(canvas);
    this.#disposables.add(toDisposable(() => resize.disconnect()));
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", () => (this.#drag = null));
    canvas.addEventListener("pointercancel", () => (this.#drag = null));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("dblclick", () => this.#show(({ bounds }) => fit(bounds)));
    frame.request();
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #draw(): void {
    const { chart, view, hits } = this.#store.state;
    if (chart === null || this.#canvas.clientWidth === 0) return;
    const { context, width } = fitCanvas(this.#canvas, height);
    if (this.#theme?.of !== chart) this.#theme = { of: chart, value: readTheme(this.#canvas, context, this.#themes.state.kind, chart.layout.names) };
    const theme = this.#theme.value;
    const old = this.#pictureOf;
    if (old?.chart !== chart || old.hits !== hits || old.width !== this.#canvas.width || old.theme !== theme) this.#drawPicture(chart, hits, theme, width);
    context.drawImage(this.#picture, 0, 0, width, height);

    const left = toX(chart.layout.bounds, width, view.startUs);
    const right = toX(chart.layout.bounds, width, view.endUs);
    context.globalAlpha = 0.66;
    context.fillStyle = theme.background;
    context.fillRect(0, 0, left, height);
    context.fillRect(right, 0, width - right, height);
    context.globalAlpha = 1;
    context.strokeStyle = theme.focus;
    context.lineWidth = 1;
    context.strokeRect(Math.min(left, width - 3) + 0.5, 0.5, Math.max(right - left, 3) - 1, height - 1);
  }

  #drawPicture(chart: Chart, hits: FlameState["hits"], theme: Theme, width: number): void {
    const { layout } = chart;
    const tone = chart.mode === "compare" ? chart.difference.tone : null;
    this.#picture.width = this.#canvas.width;
    this.#picture.height = this.#canvas.height;
    this.#pictureOf = { chart, hits, width: this.#canvas.width, theme };
    const context = this.#picture.getContext("2d", { alpha: false });
    if (context === null) return;
    context.scale(this.#canvas.width / width, this.#canvas.height / height);
    context.fillStyle = theme.background;
    context.fillRect(0, 0, width, height);
    const boxes = createBoxes(width);
    // The root would only be one bar over the whole width; of very many rows the strip has room for some.
    const all = layout.rows.map((_, row) => row).filter((row) => row > 0 || layout.rows.length === 1);
    const rows = all.filter((_, place) => place % Math.ceil(all.length / 60) === 0);
    const step = (height - 6) / rows.length;
    rows.forEach((row, place) => {
      fillBoxes(boxes, layout, row, layout.bounds, width, hits?.mask ?? null);
      for (let box = 0; box < boxes.count; box++) {
        const index = boxes.span[box]!;
        const colours = tone === null ? theme.stages[layout.name[index]!]! : theme.tones[tone[index]! + 2]!;
        context.globalAlpha = boxes.hit[box] === 1 ? 1 : 0.22;
        context.fillStyle = colours.line ?? colours.fill;
        context.fillRect(boxes.x[box]!, 3 + place * step, boxes.width[box]!, Math.max(step - 1, 1));
      }
    });
  }

  #press(event: PointerEvent): void {
    const { chart, view } = this.#store.state;
    if (event.button !== 0 || chart === null) return;
    const { bounds } = chart.layout;
    const at = toUs(bounds, this.#canvas.clientWidth, event.offsetX);
    const all = view.endUs - view.startUs >= (bounds.endUs - bounds.startUs) * 0.999;
    this.#drag = { from: at, view, moves: !all && at >= view.startUs && at <= view.endUs };
    this.#canvas.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const drag = this.#drag;
    if (drag === null) return;
    this.#show(({ bounds }) => {
      const at = toUs(bounds, this.#canvas.clientWidth, event.offsetX);
      if (drag.moves) return pan(drag.view, bounds, at - drag.from);
      // A range narrower than a few pixels is a click that trembled.
      if (Math.abs(toX(bounds, this.#canvas.clientWidth, at) - toX(bounds, this.#canvas.clientWidth, drag.from)) < 4) return drag.view;
      return pan({ startUs: Math.min(at, drag.from), endUs: Math.max(at, drag.from) }, bounds, 0);
    });
  }

  #key(event: KeyboardEvent): void {
    const { view } = this.#store.state;
    const step = (view.endUs - view.startUs) / 8;
    const middle = (view.startUs + view.endUs) / 2;
    const moves: Record<string, (bounds: Viewport) => Viewport> = {
      ArrowLeft: (bounds) => pan(view, bounds, -step),
      ArrowRight: (bounds) => pan(view, bounds, step),
      ArrowUp: (bounds) => zoom(view, bounds, 0.6, middle),
      ArrowDown: (bounds) => zoom(view, bounds, 1 / 0.6, middle),
      Home: (bounds) => pan(view, bounds, -Infinity),
      End: (bounds) => pan(view, bounds, Infinity),
      0: fit,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.#show(({ bounds }) => next(bounds));
  }

  #show(next: (layout: Chart["layout"]) => Viewport): void {
    const { chart } = this.#store.state;
    if (chart !== null) this.#store.dispatch({ type: "view", view: next(chart.layout) });
  }
}
