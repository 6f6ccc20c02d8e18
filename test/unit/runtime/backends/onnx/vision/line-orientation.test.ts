import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../../../../../../runtime/backends/onnx/session.ts";
import { float32 } from "../../../../../../runtime/backends/onnx/tensors.ts";
import { decide, LineOrientation } from "../../../../../../runtime/backends/onnx/vision/line-orientation.ts";
import type { Quad } from "../../../../../../runtime/backends/onnx/vision/picture.ts";

test("a line of which the classifier is not sure stands as most of the others", () => {
  assert.deepEqual(decide([0.99, 0.98, 0.6, 0.2, 0.01], 0.9), [true, true, true, true, false]);
  assert.deepEqual(decide([0.99, 0.02, 0.6, 0.01], 0.9), [true, false, false, false]);
});

test("with nobody to ask, and when as many say one as the other, it stays", () => {
  assert.deepEqual(decide([0.6, 0.8], 0.9), [false, false]);
  assert.deepEqual(decide([0.95, 0.05, 0.7], 0.9), [true, false, false]);
  assert.deepEqual(decide([], 0.9), []);
});

/** Each line is upside down, says a classifier with so many classes; `declared`: what its graph says of their number. */
const classifier = (classes: number, declared: number | string, onRun = (): void => undefined): Session => ({
  inputs: [{ name: "x", type: "float32", shape: ["lines", 3, 48, 192] }],
  outputs: [{ name: "y", type: "float32", shape: ["lines", declared] }],
  run: async ({ x }) => {
    onRun();
    const lines = x?.shape[0] ?? 0;
    return { y: float32(Float32Array.from({ length: lines * classes }, (_, index) => (index % classes === 1 ? 1 : 0)), [lines, classes]) };
  },
  dispose: async () => undefined,
});
const page = { width: 40, height: 20, pixels: new Uint8Array(40 * 20 * 3) };
const line: Quad = [[0, 0], [30, 0], [30, 10], [0, 10]];

test("a classifier of two classes turns lines, one of four is refused, whether or not its graph says how many it has", async () => {
  assert.deepEqual(await new LineOrientation(classifier(2, "classes"), 0.9).upright(page, [line]), [[[30, 10], [0, 10], [0, 0], [30, 0]]]);
  assert.throws(() => new LineOrientation(classifier(4, 4), 0.9), { code: "manifest_invalid", message: /gives 4 classes a line, not two/ });
  await assert.rejects(new LineOrientation(classifier(4, "classes"), 0.9).upright(page, [line, line]), { code: "manifest_invalid" });
});

test("when nobody wants the page any more, no further lines are looked at", async () => {
  const unwanted = new AbortController();
  let runs = 0;
  const orientation = new LineOrientation(classifier(2, 2, () => {
    runs += 1;
    unwanted.abort(new Error("gone"));
  }), 0.9);
  await assert.rejects(orientation.upright(page, new Array<Quad>(100).fill(line), unwanted.signal), /gone/);
  assert.equal(runs, 1);
});
