import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "../../../../../../runtime/backends/onnx/tensors.ts";
import { float32, int64 } from "../../../../../../runtime/backends/onnx/tensors.ts";
import { heads, type HeadOptions } from "../../../../../../runtime/backends/onnx/vision/detection-heads.ts";

const options: HeadOptions = { frame: { width: 100, height: 200 }, labels: 2, threshold: 0.5 };
const floats = (shape: readonly number[], ...values: readonly number[]): Tensor => float32(Float32Array.from(values), shape);
/** To five digits, for they went through single precision. */
const rounded = (found: ReturnType<(typeof heads)["yolo"]>) => found.map(({ label, score, left, top, right, bottom }) => [label, Number(score.toFixed(5)), left, top, right, bottom]);

test("yolo: values by places, or places by values, or with a score for anything", () => {
  const expected = [[1, 0.9, 40, 10, 60, 30]];
  const columns = floats([1, 6, 3], 50, 1, 2, 20, 1, 2, 20, 1, 2, 20, 1, 2, 0.1, 0.2, Number.NaN, 0.9, 0.3, Number.NaN);
  assert.deepEqual(rounded(heads.yolo([columns], 0, options)), expected);
  const rows = floats([1, 3, 6], 50, 20, 20, 20, 0.1, 0.9, 1, 1, 1, 1, 0.2, 0.3, 2, 2, 2, 2, 0, 0);
  assert.deepEqual(rounded(heads.yolo([rows], 0, options)), expected);
  const anything = floats([1, 2, 7], 50, 20, 20, 20, 0.9, 0.1, 1, 50, 20, 20, 20, 0.4, 0, 1);
  assert.deepEqual(rounded(heads.yolo([anything], 0, options)), expected);
});

test("yolo: each image of a batch has its own", () => {
  const batch = floats([2, 6, 1], 0, 0, 0, 0, 0, 0, 10, 10, 4, 4, 0.8, 0);
  assert.deepEqual(heads.yolo([batch], 0, options), []);
  assert.deepEqual(rounded(heads.yolo([batch], 1, options)), [[0, 0.8, 8, 8, 12, 12]]);
});

test("detr: shares of the frame, with a class for nothing or without", () => {
  const places = floats([1, 2, 4], 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 1);
  const softmax = floats([1, 2, 3], 0, 20, 0, 0, 0, 20);
  assert.deepEqual(rounded(heads.detr([softmax, places], 0, options)), [[1, 1, 25, 50, 75, 150]]);
  const sigmoid = floats([1, 2, 2], -20, 20, -20, -20);
  assert.deepEqual(rounded(heads.detr([sigmoid, places], 0, options)), [[1, 1, 25, 50, 75, 150]]);
});

test("boxes: one output or three, classes as integers, those out of range left out", () => {
  const joined = floats([1, 3, 6], 1, 2, 3, 4, 0.75, 1, 1, 2, 3, 4, 0.75, 7, 1, 2, 3, 4, 0.25, 0);
  assert.deepEqual(heads.boxes([joined], 0, options), [{ label: 1, score: 0.75, left: 1, top: 2, right: 3, bottom: 4 }]);
  const apart = [floats([2, 4], 1, 2, 3, 4, 5, 6, 7, 8), floats([2], 0.25, 0.5), int64(BigInt64Array.of(0n, 1n), [2])];
  assert.deepEqual(heads.boxes(apart, 0, options), [{ label: 1, score: 0.5, left: 5, top: 6, right: 7, bottom: 8 }]);
});

test("what is found has to be numbers, for JSON has no infinity; what is not found may be as unlikely as it likes", () => {
  const wrong = { code: "inference_failed", message: /gave Infinity in its scores and boxes/ };
  assert.throws(() => heads.yolo([floats([1, 6, 1], 10, 10, 4, 4, 0, Infinity)], 0, options), wrong);
  assert.throws(() => heads.yolo([floats([1, 6, 1], Infinity, 10, 4, 4, 0, 0.9)], 0, options), wrong);
  assert.throws(() => heads.boxes([floats([1, 1, 6], 1, 2, 3, 4, Infinity, 1)], 0, options), wrong);
  assert.throws(() => heads.detr([floats([1, 1, 2], -20, 20), floats([1, 1, 4], 0.5, Infinity, 0.5, 0.5)], 0, options), { code: "inference_failed" });
  assert.deepEqual(heads.yolo([floats([1, 6, 1], Infinity, 10, 4, 4, -Infinity, 0.1)], 0, options), []);
});

test("outputs that are no such head say what they are", () => {
  assert.throws(() => heads.yolo([floats([1, 9, 3], ...new Array<number>(27).fill(0))], 0, options), { code: "inference_failed", message: /\[1, 9, 3\] is no `yolo` head: it needs 6 or 7 values a place, for 2 labels/ });
  assert.throws(() => heads.yolo([int64(BigInt64Array.of(1n), [1])], 0, options), { code: "inference_failed", message: /int64 \[1\] instead of float32/ });
  assert.throws(() => heads.detr([floats([1, 1, 5], 0, 0, 0, 0, 0), floats([1, 1, 4], 0, 0, 0, 0)], 0, options), { code: "inference_failed", message: /2 or 3 classes/ });
  assert.throws(() => heads.boxes([floats([1, 1, 4], 0, 0, 0, 0)], 0, options), { code: "inference_failed", message: /six values a box/ });
});
