import type { Store } from "../shared/store.ts";
import { DisposableStore, toDisposable } from "../../base/disposable.ts";
import { createBoxes, type Boxes } from "./boxes.ts";
import { axisHeight, drawGraph, graphHeight, rowAt, rowHeight, rowTop, type Theme } from "./draw.ts";
import { spanAt } from "./find.ts";
import { keyAction } from "./keys.ts";
import type { FlameAction, FlameState, Shown } from "./model.ts";
import { pan, toUs, zoom } from "./viewport.ts";
import { readTheme } from "./read-theme.ts";
import { strings } from "./strings.ts";
import type { ThemeStore } from "./themes.ts";
import { fitCanvas, onFrame } from "./surface.ts";

export interface Hover {
  readonly index: number;
  /** Place of the pointer in the window. */
  readonly x: number;
  readonly y: number;
}

/** How far the pointer may move between press and release to be a click, in pixels. */
const clickSlack = 4;

/** The graph on its canvas: draws the store's state when something has changed, and turns what the user does into actions. */
export class GraphView {
  readonly #canvas: HTMLCanvasElement;
  readonly #store: Store<FlameState, FlameAction>;
  readonly #themes: ThemeStore;
  readonly #onHover: (hover: Hover | null) => void;
  readonly #disposables = new DisposableStore();
  readonly #redraw: () => void;
  #boxes: Boxes = createBoxes(0);
  #theme: { readonly of: Shown; readonly value: Theme } | null = null;
  #hovered = -1;
  #drag: { readonly pointer: number; x: number; moved: number } | null = null;

  constructor(canvas: HTMLCanvasElement, store: Store<FlameState, FlameAction>, themes: ThemeStore, onHover: (hover: Hover | null) => void) {
    this.#canvas = canvas;
    this.#store = store;
    this.#themes = themes;
    this.#onHover = onHover;
    const frame = onFrame(() => this.#draw());
    this.#redraw = frame.request;
    this.#disposables.add(frame);
    this.#disposables.add(store.subscribe(this.#redraw));
    this.#disposables.add(themes.subscribe(() => {
      this.#theme = null;
      this.#redraw();
    }));
    const resize = new ResizeObserver(this.#redraw);
    resize.observe(canvas);
    this.#disposables.add(toDisposable(() => resize.disconnect()));
    this.#listen();
    this.#redraw();
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void) => {
      this.#canvas.addEventListener(type, listener, { passive: false });
      this.#disposables.add(toDisposable(() => this.#canvas.removeEventListener(type, listener)));
    };
    on("wheel", (event) => this.#wheel(event));
    on("pointerdown", (event) => this.#press(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#release(event));
    on("pointercancel", () => (this.#drag = null));
    on("pointerleave", () => this.#hover(null));
    on("dblclick", (event) => this.#pick(event, "zoom"));
    on("keydown", (event) => this.#key(event));
  }

  #draw(): void {
    const { shown, view, hits, selected } = this.#store.state;
    if (shown === null || this.#canvas.clientWidth === 0) return;
    const started = performance.now();
    const { layout } = shown;
    const height = graphHeight(layout);
    const { context, width } = fitCanvas(this.#canvas, height);
    if (this.#boxes.x.length < 2 * width) this.#boxes = createBoxes(width);
    if (this.#theme?.of !== shown) this.#theme = { of: shown, value: readTheme(this.#canvas, context, this.#themes.state.kind, layout.names) };
    const hovered = this.#hovered < layout.count ? this.#hovered : -1;
    drawGraph(context, width, height, this.#theme.value, { layout, view, hits: hits?.mask ?? null, selected, hovered, besideLabel: strings.beside }, this.#boxes);
    // For the editor's developer tools and the speed measurement; cleared at once, so that nothing piles up.
    performance.measure("inferno.flame.draw", { start: started, end: performance.now() });
    performance.clearMeasures("inferno.flame.draw");
  }

  #wheel(event: WheelEvent): void {
    const { shown, view } = this.#store.state;
    if (shown === null) return;
    event.preventDefault();
    const { bounds } = shown.layout;
    // Lines and pages, where the device counts in those, as pixels.
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
    const sideways = event.shiftKey ? event.deltaY + event.deltaX : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const us = ((sideways * unit) / this.#canvas.clientWidth) * (view.endUs - view.startUs);
      this.#store.dispatch({ type: "view", view: pan(view, bounds, us) });
    } else {
      const anchor = toUs(view, this.#canvas.clientWidth, event.offsetX);
      this.#store.dispatch({ type: "view", view: zoom(view, bounds, Math.exp(event.deltaY * unit * 0.0022), anchor) });
    }
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#drag = { pointer: event.pointerId, x: event.offsetX, moved: 0 };
    this.#canvas.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const { shown, view } = this.#store.state;
    if (this.#drag === null || shown === null) return this.#hover(event);
    const step = event.offsetX - this.#drag.x;
    this.#drag.moved += Math.abs(step);
    if (this.#drag.moved < clickSlack) return;
    this.#hover(null);
    this.#drag.x = event.offsetX;
    const us = (-step / this.#canvas.clientWidth) * (view.endUs - view.startUs);
    this.#store.dispatch({ type: "view", view: pan(view, shown.layout.bounds, us) });
  }

  #release(event: PointerEvent): void {
    const drag = this.#drag;
    this.#drag = null;
    if (drag !== null && drag.moved < clickSlack) this.#pick(event, undefined);
  }

  #pick(event: MouseEvent, show: "zoom" | undefined): void {
    const index = this.#indexAt(event);
    if (show === undefined) this.#store.dispatch({ type: "select", index });
    else if (index !== -1) this.#store.dispatch({ type: "select", index, show });
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = keyAction({ key: event.key, shift: event.shiftKey }, this.#store.state);
    if (action === null) return;
    event.preventDefault();
    this.#store.dispatch(action);
    if (action.type === "select") this.#scrollTo(action.index);
  }

  /** Traces with many rows scroll inside their box: what the keyboard selects has to be in it. */
  #scrollTo(index: number): void {
    const layout = this.#store.state.shown?.layout;
    const box = this.#canvas.parentElement;
    if (layout === undefined || box === null || index === -1) return;
    const top = rowTop(layout, layout.row[index]!);
    if (top - axisHeight < box.scrollTop) box.scrollTop = top - axisHeight;
    else if (top + rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + rowHeight - box.clientHeight;
  }

  #hover(event: PointerEvent | null): void {
    const index = event === null ? -1 : this.#indexAt(event);
    if (event !== null && index !== -1) this.#onHover({ index, x: event.clientX, y: event.clientY });
    else if (this.#hovered !== -1) this.#onHover(null);
    if (index === this.#hovered) return;
    this.#hovered = index;
    this.#redraw();
  }

  #indexAt(event: MouseEvent): number {
    const { shown, view } = this.#store.state;
    if (shown === null) return -1;
    const pixels = this.#canvas.clientWidth;
    const row = rowAt(shown.layout, event.offsetY);
    return spanAt(shown.layout, row, toUs(view, pixels, event.offsetX), ((view.endUs - view.startUs) / pixels) * 1.5);
  }
}
