import type { Store } from "../shared/store.ts";
import { DisposableStore, toDisposable } from "../../base/disposable.ts";
import { createBoxes, type Boxes } from "./boxes.ts";
import { drawGraph, type Theme } from "./draw.ts";
import { spanAt } from "./find.ts";
import { axisHeight, headingAt, measure, rowAt, type Geometry } from "./geometry.ts";
import { keyAction } from "./keys.ts";
import type { Layout } from "./layout.ts";
import type { FlameAction, FlameState } from "./model.ts";
import { pan, toUs, zoom } from "./viewport.ts";
import { readTheme } from "./read-theme.ts";
import { trackLabel, valueOf } from "./labels.ts";
import type { ThemeStore } from "./themes.ts";
import { fitCanvas, onFrame } from "./surface.ts";

export interface GraphElements {
  readonly canvas: HTMLCanvasElement;
  readonly box: HTMLElement;
  readonly spacer: HTMLElement;
}

export interface Hover {
  readonly index: number;
  /** Place of the pointer in the window. */
  readonly x: number;
  readonly y: number;
}

/** Marks when something new was asked for, for the speed measurement: the next drawing shows it. */
export const askedMark = "inferno.flame.asked";

/** How far the pointer may move between press and release to be a click, in pixels. */
const clickSlack = 4;

/** The graph on its canvas: draws the store's state when something has changed, and turns what the user does into actions. */
export class GraphView {
  readonly #canvas: HTMLCanvasElement;
  /** Scrolls what is as high as all rows; the canvas, which is no higher than what is seen of it, stays in place. */
  readonly #box: HTMLElement;
  readonly #spacer: HTMLElement;
  readonly #store: Store<FlameState, FlameAction>;
  readonly #themes: ThemeStore;
  readonly #onHover: (hover: Hover | null) => void;
  readonly #disposables = new DisposableStore();
  readonly #redraw: () => void;
  #boxes: Boxes = createBoxes(0);
  #theme: { readonly of: Layout; readonly value: Theme } | null = null;
  #geometry: { readonly of: Layout; readonly folded: ReadonlySet<string>; readonly value: Geometry } | null = null;
  #hovered = -1;
  #drag: { readonly pointer: number; x: number; y: number; moved: number } | null = null;

  constructor({ canvas, box, spacer }: GraphElements, store: Store<FlameState, FlameAction>, themes: ThemeStore, onHover: (hover: Hover | null) => void) {
    this.#canvas = canvas;
    this.#box = box;
    this.#spacer = spacer;
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
    resize.observe(box);
    box.addEventListener("scroll", this.#redraw);
    this.#disposables.add(toDisposable(() => {
      resize.disconnect();
      box.removeEventListener("scroll", this.#redraw);
    }));
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
    const { chart, view, hits, selected, picked } = this.#store.state;
    if (chart === null || this.#canvas.clientWidth === 0) return;
    const started = performance.now();
    const { layout } = chart;
    const geometry = this.#measured(layout);
    if (this.#spacer.style.height !== `${geometry.height}px`) this.#spacer.style.height = `${geometry.height}px`;
    const height = Math.min(geometry.height, this.#box.clientHeight);
    const { context, width } = fitCanvas(this.#canvas, height);
    // The rows take their room by the spacer alone.
    this.#canvas.style.marginBottom = `${-height}px`;
    if (this.#boxes.x.length < 2 * width) this.#boxes = createBoxes(width);
    if (this.#theme?.of !== layout) this.#theme = { of: layout, value: readTheme(this.#canvas, context, this.#themes.state.kind, layout.names) };
    const hovered = this.#hovered < layout.count ? this.#hovered : -1;
    drawGraph(context, width, height, this.#theme.value, {
      layout, geometry, scrollTop: this.#box.scrollTop, view, hits: hits?.mask ?? null, selected, picked, hovered,
      headings: layout.tracks.map((track) => trackLabel(track, this.#store.state)), tone: chart.mode === "compare" ? chart.difference.tone : null, value: valueOf(chart),
    }, this.#boxes);
    // For the editor's developer tools and the speed measurement; cleared at once, so that nothing piles up.
    performance.measure("inferno.flame.draw", { start: started, end: performance.now() });
    performance.clearMeasures("inferno.flame.draw");
    if (performance.getEntriesByName(askedMark).length === 0) return;
    performance.measure("inferno.flame.show", { start: askedMark, end: performance.now() });
    performance.clearMarks(askedMark);
    performance.clearMeasures("inferno.flame.show");
  }

  #measured(layout: Layout): Geometry {
    const { folded } = this.#store.state;
    if (this.#geometry?.of !== layout || this.#geometry.folded !== folded) this.#geometry = { of: layout, folded, value: measure(layout, folded) };
    return this.#geometry.value;
  }

  #wheel(event: WheelEvent): void {
    const { chart, view } = this.#store.state;
    // With Alt the rows scroll, as the box does by itself.
    if (chart === null || event.altKey) return;
    event.preventDefault();
    const { bounds } = chart.layout;
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
    this.#drag = { pointer: event.pointerId, x: event.offsetX, y: event.clientY, moved: 0 };
    this.#canvas.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const { chart, view } = this.#store.state;
    if (this.#drag === null || chart === null) return this.#hover(event);
    const step = event.offsetX - this.#drag.x;
    const down = event.clientY - this.#drag.y;
    this.#drag.moved += Math.abs(step) + Math.abs(down);
    if (this.#drag.moved < clickSlack) return;
    this.#hover(null);
    this.#drag.x = event.offsetX;
    this.#drag.y = event.clientY;
    this.#box.scrollTop -= down;
    const us = (-step / this.#canvas.clientWidth) * (view.endUs - view.startUs);
    this.#store.dispatch({ type: "view", view: pan(view, chart.layout.bounds, us) });
  }

  #release(event: PointerEvent): void {
    const drag = this.#drag;
    this.#drag = null;
    if (drag !== null && drag.moved < clickSlack) this.#pick(event, undefined);
  }

  #pick(event: MouseEvent, show: "zoom" | undefined): void {
    const index = this.#indexAt(event);
    const { chart } = this.#store.state;
    if (chart === null) return;
    const heading = index === -1 && event.offsetY > axisHeight ? headingAt(this.#measured(chart.layout), event.offsetY + this.#box.scrollTop) : null;
    if (heading !== null) {
      if (show === undefined) this.#store.dispatch({ type: "fold", key: chart.layout.tracks[heading.track]!.key });
    } else if (show === undefined && index !== -1 && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      this.#store.dispatch({ type: "pick", index });
    } else if (show === undefined || index !== -1) {
      this.#store.dispatch({ type: "select", index, show });
    }
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
    const layout = this.#store.state.chart?.layout;
    if (layout === undefined || index === -1) return;
    const { tops, heights } = this.#measured(layout);
    const row = layout.row[index]!;
    const [top, bottom] = [tops[row]! - axisHeight, tops[row]! + heights[row]!];
    if (top < this.#box.scrollTop) this.#box.scrollTop = top;
    else if (bottom > this.#box.scrollTop + this.#box.clientHeight) this.#box.scrollTop = bottom - this.#box.clientHeight;
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
    const { chart, view } = this.#store.state;
    if (chart === null || event.offsetY < axisHeight) return -1;
    const pixels = this.#canvas.clientWidth;
    const row = rowAt(this.#measured(chart.layout), event.offsetY + this.#box.scrollTop);
    return spanAt(chart.layout, row, toUs(view, pixels, event.offsetX), ((view.endUs - view.startUs) / pixels) * 1.5);
  }
}
