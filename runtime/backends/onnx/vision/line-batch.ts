import { float32 } from "../tensors.ts";
import type { Tensor } from "../tensors.ts";
import type { PixelFormat } from "./image-tensor.ts";
import { fillTensor } from "./image-tensor.ts";
import { distance, straighten } from "./perspective.ts";
import type { Picture, Quad } from "./picture.ts";

/** How lines are given to the orientation classifier and the recogniser: blue first, −1 to 1. */
const format: PixelFormat = { layout: "nchw", colors: "bgr", scale: 1 / 255, mean: [0.5], std: [0.5] };

/** A line a hundred times as long as it is high holds no readable text, but would be a run of gigabytes. */
const longestRatio = 100;

/** How wide a line becomes at this height. */
export function lineWidth([topLeft, topRight, bottomRight, bottomLeft]: Quad, height: number): number {
  const long = Math.max(distance(topLeft, topRight), distance(bottomLeft, bottomRight));
  const high = Math.max(distance(topLeft, bottomLeft), distance(topRight, bottomRight), 1);
  return Math.max(1, Math.ceil(height * Math.min(longestRatio, long / high)));
}

/** Lines cut out of a page, straightened, to one height; shorter ones have the middle gray on their right, longer ones are squeezed. */
export function lineBatch(page: Picture, lines: readonly Quad[], width: number, height: number): Tensor<"float32"> {
  const values = new Float32Array(lines.length * 3 * width * height);
  lines.forEach((corners, index) => {
    const line = straighten(page, corners, Math.min(width, lineWidth(corners, height)), height);
    fillTensor(values, index * 3 * width * height, line, format, width);
  });
  return float32(values, [lines.length, 3, height, width]);
}
