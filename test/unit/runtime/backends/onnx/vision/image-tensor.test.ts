import assert from "node:assert/strict";
import { test } from "node:test";
import { fillTensor, type PixelFormat } from "../../../../../../runtime/backends/onnx/vision/image-tensor.ts";

/** Two pixels beside each other. */
const picture = { width: 2, height: 1, pixels: Uint8Array.of(10, 20, 30, 40, 50, 60) };
const plain: PixelFormat = { layout: "nchw", colors: "rgb", scale: 1, mean: [0], std: [1] };

function filled(format: Partial<PixelFormat>, length = 6, offset = 0, stride?: number): number[] {
  const values = new Float32Array(length).fill(-1);
  fillTensor(values, offset, picture, { ...plain, ...format }, stride);
  return [...values];
}

test("planes or pixels, red or blue first", () => {
  assert.deepEqual(filled({}), [10, 40, 20, 50, 30, 60]);
  assert.deepEqual(filled({ layout: "nhwc" }), [10, 20, 30, 40, 50, 60]);
  assert.deepEqual(filled({ colors: "bgr" }), [30, 60, 20, 50, 10, 40]);
  assert.deepEqual(filled({ colors: "bgr", layout: "nhwc" }), [30, 20, 10, 60, 50, 40]);
});

test("gray is brightness as the eye weighs it", () => {
  assert.deepEqual(filled({ colors: "gray" }, 2), [Math.round(10 * 0.299 + 20 * 0.587 + 30 * 0.114), Math.round(40 * 0.299 + 50 * 0.587 + 60 * 0.114)]);
});

test("scaled first, then less the mean, then divided; by the graph's channels", () => {
  assert.deepEqual(filled({ scale: 0.5, mean: [1, 2, 3], std: [1, 2, 4] }), [4, 19, 4, 11.5, 3, 6.75]);
  assert.deepEqual(filled({ colors: "bgr", mean: [30, 0, 0] }), [0, 30, 20, 50, 10, 40], "the first mean is of the first channel of the tensor");
  assert.deepEqual(filled({ mean: [10], std: [10] }), [0, 3, 1, 4, 2, 5], "one value stands for all");
});

test("at its place in a batch, in rows that may be wider", () => {
  assert.deepEqual(filled({}, 8, 2), [-1, -1, 10, 40, 20, 50, 30, 60]);
  assert.deepEqual(filled({}, 9, 0, 3), [10, 40, -1, 20, 50, -1, 30, 60, -1]);
});
