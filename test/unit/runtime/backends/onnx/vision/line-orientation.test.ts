import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../../../../../../runtime/backends/onnx/vision/line-orientation.ts";

test("a line of which the classifier is not sure stands as most of the others", () => {
  assert.deepEqual(decide([0.99, 0.98, 0.6, 0.2, 0.01], 0.9), [true, true, true, true, false]);
  assert.deepEqual(decide([0.99, 0.02, 0.6, 0.01], 0.9), [true, false, false, false]);
});

test("with nobody to ask, and when as many say one as the other, it stays", () => {
  assert.deepEqual(decide([0.6, 0.8], 0.9), [false, false]);
  assert.deepEqual(decide([0.95, 0.05, 0.7], 0.9), [true, false, false]);
  assert.deepEqual(decide([], 0.9), []);
});
