import { float32 } from "../tensors.ts";
import type { Tensor } from "../tensors.ts";
import type { PixelFormat } from "./image-tensor.ts";
import { fillTensor } from "./image-tensor.ts";
import { distance, straighten } from "./perspective.ts";
import type { Picture, Point, Quad } from "./picture.ts";

/** How lines are given to the orientation classifier and the recogniser: blue first, −1 to 1. */
const format: PixelFormat = { layout: "nchw", colors: "bgr", scale: 1 / 255, mean: [0.5], std: [0.5] };

/** A line a hundred times as long as it is high holds no readable text, but would be a run of gigabytes. */
const longestRatio = 100;

/**
 * What is cut out around a line's box, as shares of its height. In crops as tight as the detector's boxes PP-OCRv4 loses the spaces between words:
 * of 1,491 characters in seven fonts and sizes 148 were wrong, with 0.15 and 0.1 none, from 0.25 on it takes in the neighbours.
 */
const margin = { across: 0.1, down: 0.15 };

function withMargin([a, b, c, d]: Quad): Quad {
  // Along the text by a share of the height too, so that short words get no more than long lines.
  const beside = margin.across * distance(a, d) / Math.max(distance(a, b), 1);
  const move = ([x, y]: Point, end: Point, side: Point): Point => [
    x - (end[0] - x) * beside - (side[0] - x) * margin.down, y - (end[1] - y) * beside - (side[1] - y) * margin.down,
  ];
  return [move(a, b, d), move(b, a, c), move(c, d, b), move(d, c, a)];
}

/** How wide a line becomes at this height. */
export function lineWidth(line: Quad, height: number): number {
  const [topLeft, topRight, bottomRight, bottomLeft] = withMargin(line);
  const long = Math.max(distance(topLeft, topRight), distance(bottomLeft, bottomRight));
  const high = Math.max(distance(topLeft, bottomLeft), distance(topRight, bottomRight), 1);
  return Math.max(1, Math.ceil(height * Math.min(longestRatio, long / high)));
}

/** Lines cut out of a page, straightened, to one height; shorter ones have the middle gray on their right, longer ones are squeezed. */
export function lineBatch(page: Picture, lines: readonly Quad[], width: number, height: number): Tensor<"float32"> {
  const values = new Float32Array(lines.length * 3 * width * height);
  lines.forEach((corners, index) => {
    const line = straighten(page, withMargin(corners), Math.min(width, lineWidth(corners, height)), height);
    fillTensor(values, index * 3 * width * height, line, format, width);
  });
  return float32(values, [lines.length, 3, height, width]);
}
