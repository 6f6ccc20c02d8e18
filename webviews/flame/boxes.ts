import { blockSize, blocksOf, hitBlocks } from "./blocks.ts";
import { firstEndingAfter } from "./find.ts";
import type { Layout } from "./layout.ts";
import type { Viewport } from "./viewport.ts";

/**
 * What of one row is to be painted, in pixels. Spans narrower than a pixel share a box one pixel wide, which shows the longest of them:
 * so a row never has more boxes than pixels, however many spans it has. The arrays are used again for every row and frame.
 */
export interface Boxes {
  count: number;
  readonly x: Float64Array;
  readonly width: Float64Array;
  /** The span shown. */
  readonly span: Int32Array;
  /** How many spans the box stands for. */
  readonly spans: Uint32Array;
  /** 1 when the search matches one of them, or when there is no search. */
  readonly hit: Uint8Array;
}

/** Boxes for a canvas of this width. Wide boxes are at least a pixel, thin ones share one: two per pixel are enough. */
export function createBoxes(pixels: number): Boxes {
  const size = 2 * Math.ceil(pixels) + 4;
  return {
    count: 0, x: new Float64Array(size), width: new Float64Array(size), span: new Int32Array(size), spans: new Uint32Array(size), hit: new Uint8Array(size),
  };
}

export function fillBoxes(boxes: Boxes, layout: Layout, rowNumber: number, view: Viewport, pixels: number, hits: Uint8Array | null): void {
  const row = layout.rows[rowNumber]!;
  const { spans } = row;
  const { startUs, endUs } = layout;
  const scale = pixels / (view.endUs - view.startUs);
  const { longest } = blocksOf(layout, row);
  const found = hits === null ? null : hitBlocks(row, hits);
  boxes.count = 0;
  let thinPixel = Number.NaN;
  let thinLongest = -1;
  for (let place = firstEndingAfter(layout, row, view.startUs); place < spans.length; place++) {
    let index = spans[place]!;
    const start = startUs[index]!;
    if (start >= view.endUs) break;
    const left = (start - view.startUs) * scale;
    // A span that began before the view belongs to its first pixel.
    const pixel = Math.max(0, Math.floor(left));
    let length = endUs[index]! - start;
    let count = 1;
    let hit = hits === null ? 1 : hits[index]!;
    if (length * scale >= 1) {
      push(boxes, left, length * scale, index, hit);
      thinPixel = Number.NaN;
      continue;
    }
    // A block that lies inside one pixel is taken at once: at full width nearly all of a million spans are.
    if (place % blockSize === 0 && place + blockSize <= spans.length) {
      const block = place / blockSize;
      const widest = spans[longest[block]!]!;
      const [widestLength, last] = [endUs[widest]! - startUs[widest]!, startUs[spans[place + blockSize - 1]!]!];
      if (widestLength * scale < 1 && last < view.endUs && Math.max(0, Math.floor((last - view.startUs) * scale)) === pixel) {
        [index, length, count] = [widest, widestLength, blockSize];
        hit = found === null ? 1 : found[block]!;
        place += blockSize - 1;
      }
    }
    if (pixel !== thinPixel) {
      push(boxes, pixel, 1, index, hit);
      boxes.spans[boxes.count - 1] = count;
      thinPixel = pixel;
      thinLongest = length;
      continue;
    }
    const box = boxes.count - 1;
    boxes.spans[box]! += count;
    boxes.hit[box]! |= hit;
    if (length > thinLongest) {
      thinLongest = length;
      boxes.span[box] = index;
    }
  }
}

function push(boxes: Boxes, x: number, width: number, span: number, hit: number): void {
  const box = boxes.count++;
  boxes.x[box] = x;
  boxes.width[box] = width;
  boxes.span[box] = span;
  boxes.spans[box] = 1;
  boxes.hit[box] = hit;
}
