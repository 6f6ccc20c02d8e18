import { formatDuration, formatTick } from "../shared/format.ts";
import { fillBoxes, type Boxes } from "./boxes.ts";
import type { Layout } from "./layout.ts";
import type { StageColours } from "./palette.ts";
import { ticks, toX, type Viewport } from "./viewport.ts";

/** Sizes in CSS pixels. */
export const axisHeight = 22;
export const rowHeight = 24;
/** Room above the lanes of what runs beside, for their heading. */
export const besideGap = 18;

/** Colours and font of the page's theme, resolved once per theme. */
export interface Theme {
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  readonly line: string;
  readonly focus: string;
  readonly font: string;
  /** By place in `layout.names`. */
  readonly stages: readonly StageColours[];
  /** Stripes over a stage that waits. */
  readonly hatch: CanvasPattern | null;
}

export interface Scene {
  readonly layout: Layout;
  readonly view: Viewport;
  readonly hits: Uint8Array | null;
  readonly selected: number;
  readonly hovered: number;
  readonly besideLabel: string;
}

/** The top of a row, in CSS pixels from the top of the canvas. */
export function rowTop(layout: Layout, row: number): number {
  return axisHeight + row * rowHeight + (layout.rows[row]?.beside === true ? besideGap : 0);
}

export function rowAt(layout: Layout, y: number): number {
  return layout.rows.findIndex((_, row) => y >= rowTop(layout, row) && y < rowTop(layout, row) + rowHeight);
}

export function graphHeight(layout: Layout): number {
  return rowTop(layout, layout.rows.length - 1) + rowHeight + 6;
}

export function drawGraph(context: CanvasRenderingContext2D, pixels: number, height: number, theme: Theme, scene: Scene, boxes: Boxes): void {
  const { layout, view, hits } = scene;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, pixels, height);
  drawAxis(context, pixels, height, theme, view);
  context.font = theme.font;
  context.textBaseline = "middle";
  for (let row = 0; row < layout.rows.length; row++) {
    fillBoxes(boxes, layout, row, view, pixels, hits);
    drawBoxes(context, boxes, rowTop(layout, row), pixels, theme, layout);
  }
  drawBesideHeading(context, pixels, theme, scene);
  if (scene.hovered !== -1 && scene.hovered !== scene.selected) outline(context, pixels, theme.foreground, 1, scene, scene.hovered);
  if (scene.selected !== -1) outline(context, pixels, theme.focus, 2, scene, scene.selected);
}

function drawAxis(context: CanvasRenderingContext2D, pixels: number, height: number, theme: Theme, view: Viewport): void {
  const { at, stepUs } = ticks(view, pixels);
  context.font = theme.font;
  context.textBaseline = "middle";
  for (const us of at) {
    const x = Math.round(toX(view, pixels, us));
    context.fillStyle = theme.line;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = theme.muted;
    context.fillText(formatTick(us, stepUs), x + 5, axisHeight / 2);
  }
  context.fillStyle = theme.line;
  context.fillRect(0, axisHeight - 1, pixels, 1);
}

function drawBoxes(context: CanvasRenderingContext2D, boxes: Boxes, top: number, pixels: number, theme: Theme, layout: Layout): void {
  const height = rowHeight - 2;
  for (let box = 0; box < boxes.count; box++) {
    const index = boxes.span[box]!;
    const colours = theme.stages[layout.name[index]!]!;
    // Clipped, because canvases draw nothing at all for boxes millions of pixels wide.
    const left = Math.max(boxes.x[box]!, -2);
    const right = Math.min(boxes.x[box]! + boxes.width[box]!, pixels + 2);
    // A hair of background between neighbours, once there is room for it.
    const width = Math.max(right - left - (right - left > 3 ? 1 : 0), 1);
    context.globalAlpha = boxes.hit[box] === 1 ? 1 : 0.22;
    context.fillStyle = colours.line !== null && width < 3 ? colours.line : colours.fill;
    context.fillRect(left, top, width, height);
    if (colours.hatched && theme.hatch !== null && width > 4) {
      context.fillStyle = theme.hatch;
      context.fillRect(left, top, width, height);
    }
    if (colours.line !== null && width >= 3) {
      context.strokeStyle = colours.line;
      context.lineWidth = 1;
      context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    }
    if (width > 28) drawLabel(context, layout, index, left, top + height / 2, width, colours);
  }
  context.globalAlpha = 1;
}

function drawLabel(context: CanvasRenderingContext2D, layout: Layout, index: number, left: number, middle: number, width: number, colours: StageColours): void {
  const start = Math.max(left, 0) + 6;
  const room = left + width - start - 5;
  const name = layout.names[layout.name[index]!]!;
  const label = shorten(context, name, room);
  if (label === "") return;
  const nameWidth = context.measureText(label).width;
  if (colours.hatched) {
    // The stripes end where the text begins: text over stripes is hard to read.
    context.fillStyle = colours.fill;
    context.fillRect(start - 3, middle - 8, nameWidth + 6, 16);
  }
  context.fillStyle = colours.text;
  context.fillText(label, start, middle + 0.5);
  const duration = formatDuration(layout.endUs[index]! - layout.startUs[index]!);
  if (label !== name || context.measureText(duration).width + nameWidth + 12 > room || colours.hatched) return;
  context.fillText(duration, start + nameWidth + 10, middle + 0.5);
}

/** As much of the text as fits, with an ellipsis; empty when not even two letters do. */
function shorten(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  for (let length = text.length - 1; length >= 2; length--) {
    const short = `${text.slice(0, length)}…`;
    if (context.measureText(short).width <= room) return short;
  }
  return "";
}

function drawBesideHeading(context: CanvasRenderingContext2D, pixels: number, theme: Theme, { layout, besideLabel }: Scene): void {
  const row = layout.rows.findIndex(({ beside }) => beside);
  if (row === -1) return;
  const y = rowTop(layout, row) - besideGap / 2 - 1;
  context.fillStyle = theme.muted;
  context.fillText(besideLabel, 6, y);
  const from = 6 + context.measureText(besideLabel).width + 8;
  context.fillStyle = theme.line;
  context.fillRect(from, Math.round(y), Math.max(0, pixels - from), 1);
}

function outline(context: CanvasRenderingContext2D, pixels: number, colour: string, thickness: number, { layout, view }: Scene, index: number): void {
  const left = Math.max(toX(view, pixels, layout.startUs[index]!), -4);
  const right = Math.min(toX(view, pixels, layout.endUs[index]!), pixels + 4);
  if (right < 0 || left > pixels) return;
  const top = rowTop(layout, layout.row[index]!);
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.strokeRect(left - thickness / 2, top - thickness / 2, Math.max(right - left - 1, 2) + thickness, rowHeight - 2 + thickness);
}
