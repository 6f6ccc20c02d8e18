import { formatTick } from "../shared/format.ts";
import { fillBoxes, type Boxes } from "./boxes.ts";
import { axisHeight, headingHeight, type Geometry } from "./geometry.ts";
import type { Layout } from "./layout.ts";
import type { StageColours } from "./palette.ts";
import { ticks, toX, type Viewport } from "./viewport.ts";

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
  /** By tone of a difference, from much shorter to much longer. */
  readonly tones: readonly StageColours[];
  /** Stripes over a stage that waits. */
  readonly hatch: CanvasPattern | null;
}

export interface Scene {
  readonly layout: Layout;
  readonly geometry: Geometry;
  /** How far the rows are scrolled; the axis stays. */
  readonly scrollTop: number;
  readonly view: Viewport;
  readonly hits: Uint8Array | null;
  readonly selected: number;
  readonly picked: readonly number[];
  readonly hovered: number;
  /** By track. */
  readonly headings: readonly string[];
  /** Of a difference: by index. */
  readonly tone: Int8Array | null;
  /** What stands behind the name. */
  readonly value: (index: number) => string;
}

/** Outlines beyond these are not drawn: so many are not told apart. */
const mostPicked = 300;

export function drawGraph(context: CanvasRenderingContext2D, pixels: number, height: number, theme: Theme, scene: Scene, boxes: Boxes): void {
  const { layout, geometry, view, hits, scrollTop } = scene;
  context.fillStyle = theme.background;
  context.fillRect(0, 0, pixels, height);
  context.font = theme.font;
  context.textBaseline = "middle";
  drawGrid(context, pixels, height, theme, view);
  for (let row = 0; row < layout.rows.length; row++) {
    const top = geometry.tops[row]! - scrollTop;
    if (top + geometry.heights[row]! < axisHeight) continue;
    if (top > height) break;
    fillBoxes(boxes, layout, row, view, pixels, hits);
    drawBoxes(context, boxes, top, geometry.heights[row]!, pixels, theme, scene);
  }
  drawHeadings(context, pixels, theme, scene);
  for (const index of scene.picked.slice(0, mostPicked)) outline(context, pixels, theme.focus, 1, scene, index);
  if (scene.hovered !== -1 && scene.hovered !== scene.selected) outline(context, pixels, theme.foreground, 1, scene, scene.hovered);
  if (scene.selected !== -1) outline(context, pixels, theme.focus, 2, scene, scene.selected);
  // Last, over whatever was scrolled below it.
  drawAxis(context, pixels, theme, view);
}

function drawGrid(context: CanvasRenderingContext2D, pixels: number, height: number, theme: Theme, view: Viewport): void {
  context.fillStyle = theme.line;
  for (const us of ticks(view, pixels).at) context.fillRect(Math.round(toX(view, pixels, us)), axisHeight, 1, height);
}

function drawAxis(context: CanvasRenderingContext2D, pixels: number, theme: Theme, view: Viewport): void {
  const { at, stepUs } = ticks(view, pixels);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, pixels, axisHeight);
  for (const us of at) {
    const x = Math.round(toX(view, pixels, us));
    context.fillStyle = theme.line;
    context.fillRect(x, 0, 1, axisHeight);
    context.fillStyle = theme.muted;
    context.fillText(formatTick(us, stepUs), x + 5, axisHeight / 2);
  }
  context.fillStyle = theme.line;
  context.fillRect(0, axisHeight - 1, pixels, 1);
}

function drawBoxes(context: CanvasRenderingContext2D, boxes: Boxes, top: number, rowHeight: number, pixels: number, theme: Theme, scene: Scene): void {
  const { layout, tone } = scene;
  const height = rowHeight > 8 ? rowHeight - 2 : rowHeight - 1;
  const colourOf = (index: number) => (tone === null ? theme.stages[layout.name[index]!]! : theme.tones[tone[index]! + 2]!);
  drawThin(context, boxes, top, height, pixels, colourOf);
  if (height < 8) return;
  for (let box = 0; box < boxes.count; box++) {
    const { left, width } = placeOf(boxes, box, pixels);
    if (width < 3) continue;
    const index = boxes.span[box]!;
    const colours = colourOf(index);
    context.globalAlpha = boxes.hit[box] === 1 ? 1 : faded;
    context.fillStyle = colours.fill;
    context.fillRect(left, top, width, height);
    if (colours.hatched && theme.hatch !== null && width > 4) {
      context.fillStyle = theme.hatch;
      context.fillRect(left, top, width, height);
    }
    if (colours.line !== null) {
      context.strokeStyle = colours.line;
      context.lineWidth = 1;
      context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    }
    if (width > 28) drawLabel(context, scene, index, left, top + height / 2, width, colours);
  }
  context.globalAlpha = 1;
}

/** How much of a box is seen that the search did not find. */
const faded = 0.22;

/** Boxes too narrow for an outline, or all of a folded row: colour by colour, because at full width there are thousands, and changing the colour costs more than drawing. */
function drawThin(context: CanvasRenderingContext2D, boxes: Boxes, top: number, height: number, pixels: number, colourOf: (index: number) => StageColours): void {
  const groups = new Map<string, { readonly alpha: number; readonly colour: string; readonly boxes: number[] }>();
  for (let box = 0; box < boxes.count; box++) {
    if (height >= 8 && placeOf(boxes, box, pixels).width >= 3) continue;
    const { line, fill } = colourOf(boxes.span[box]!);
    const alpha = boxes.hit[box] === 1 ? 1 : faded;
    const key = `${alpha}${line ?? fill}`;
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { alpha, colour: line ?? fill, boxes: [] }));
    group.boxes.push(box);
  }
  for (const { alpha, colour, boxes: members } of groups.values()) {
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    for (let place = 0; place < members.length; place++) {
      const { left } = placeOf(boxes, members[place]!, pixels);
      let { width } = placeOf(boxes, members[place]!, pixels);
      // Neighbours of one colour are one rectangle.
      for (let next = members[place + 1]; next !== undefined && width >= 1 && boxes.x[next] === left + width; next = members[place + 1]) {
        width += placeOf(boxes, next, pixels).width;
        place++;
      }
      context.fillRect(left, top, width, height);
    }
  }
  context.globalAlpha = 1;
}

/** Clipped, because canvases draw nothing at all for boxes millions of pixels wide. */
function placeOf(boxes: Boxes, box: number, pixels: number): { readonly left: number; readonly width: number } {
  const left = Math.max(boxes.x[box]!, -2);
  const right = Math.min(boxes.x[box]! + boxes.width[box]!, pixels + 2);
  // A hair of background between neighbours, once there is room for it.
  return { left, width: Math.max(right - left - (right - left > 3 ? 1 : 0), 1) };
}

function drawLabel(context: CanvasRenderingContext2D, { layout, value }: Scene, index: number, left: number, middle: number, width: number, colours: StageColours): void {
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
  const after = value(index);
  if (label !== name || context.measureText(after).width + nameWidth + 12 > room || colours.hatched) return;
  context.fillText(after, start + nameWidth + 10, middle + 0.5);
}

/** As much of the text as fits, with an ellipsis; empty when not even two letters do. */
function shorten(context: CanvasRenderingContext2D, text: string, room: number): string {
  // Names of other programs' files may be long: no more of one is ever measured than could be drawn.
  let shown = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  for (let most = shown.length; ;) {
    const width = context.measureText(shown).width;
    if (width <= room) return shown;
    // About as much as fits, then one letter less at a time.
    most = Math.min(most - 1, Math.ceil((room / width) * shown.length));
    if (most < 2) return "";
    shown = `${text.slice(0, most)}…`;
  }
}

function drawHeadings(context: CanvasRenderingContext2D, pixels: number, theme: Theme, { geometry, headings, scrollTop }: Scene): void {
  for (const { track, top, folded } of geometry.headings) {
    const y = top - scrollTop + headingHeight / 2;
    if (y < axisHeight) continue;
    context.fillStyle = theme.background;
    context.fillRect(0, y - headingHeight / 2, pixels, headingHeight);
    context.fillStyle = theme.muted;
    drawTwisty(context, 8, y, folded);
    const label = headings[track]!;
    context.fillText(label, 18, y);
    const from = 18 + context.measureText(label).width + 8;
    context.fillStyle = theme.line;
    context.fillRect(from, Math.round(y), Math.max(0, pixels - from), 1);
  }
}

/** A triangle that points right when the track is folded, else down. */
function drawTwisty(context: CanvasRenderingContext2D, x: number, y: number, folded: boolean): void {
  context.beginPath();
  if (folded) {
    context.moveTo(x - 2, y - 4);
    context.lineTo(x + 3, y);
    context.lineTo(x - 2, y + 4);
  } else {
    context.moveTo(x - 4, y - 2);
    context.lineTo(x + 4, y - 2);
    context.lineTo(x, y + 3);
  }
  context.fill();
}

function outline(context: CanvasRenderingContext2D, pixels: number, colour: string, thickness: number, { layout, geometry, view, scrollTop }: Scene, index: number): void {
  const left = Math.max(toX(view, pixels, layout.startUs[index]!), -4);
  const right = Math.min(toX(view, pixels, layout.endUs[index]!), pixels + 4);
  if (right < 0 || left > pixels) return;
  const row = layout.row[index]!;
  const height = geometry.heights[row]! - (geometry.heights[row]! > 8 ? 2 : 1);
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.strokeRect(left - thickness / 2, geometry.tops[row]! - scrollTop - thickness / 2, Math.max(right - left - 1, 2) + thickness, height + thickness);
}
