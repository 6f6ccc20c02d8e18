import assert from "node:assert/strict";
import { test } from "node:test";
import sharp, { type Sharp } from "sharp";
import { systemClock } from "../../../../../../base/system-clock.ts";
import { OnnxOptions } from "../../../../../../protocol/config.ts";
import type { Inferred } from "../../../../../../protocol/infer.ts";
import { ObjectDetectionManifest } from "../../../../../../protocol/manifest.ts";
import type { Pipeline } from "../../../../../../runtime/backends/onnx/pipeline.ts";
import type { Session } from "../../../../../../runtime/backends/onnx/session.ts";
import { loadObjectDetection } from "../../../../../../runtime/backends/onnx/tasks/object-detection.ts";
import { float32 } from "../../../../../../runtime/backends/onnx/tensors.ts";

const side = 64;

/** A "network" that sees where an image is red: two boxes around it for the label `red`, a worse and smaller one first, and one of them for `thing`. */
const redFinder: Session = {
  inputs: [{ name: "images", type: "float32", shape: ["batch", 3, side, side] }],
  outputs: [{ name: "output0", type: "float32", shape: ["batch", 6, 3] }],
  run: ({ images }) => {
    assert.ok(images?.type === "float32");
    const rows = images.shape[0] ?? 0;
    const out = new Float32Array(rows * 18);
    for (let row = 0; row < rows; row += 1) {
      const plane = (channel: number) => images.data.subarray((row * 3 + channel) * side * side, (row * 3 + channel + 1) * side * side);
      const [red, green] = [plane(0), plane(1)];
      const found = [...red.keys()].filter((at) => red[at]! > 0.6 && green[at]! < 0.3);
      const [xs, ys] = [found.map((at) => at % side), found.map((at) => Math.floor(at / side))];
      const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs) + 1, Math.min(...ys), Math.max(...ys) + 1];
      const box = [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top];
      [[...box.slice(0, 3), box[3]! * 0.9, 0, 0.6], [...box, 0, 0.9], [...box, 0.7, 0]].forEach((values, place) => values.forEach((value, index) => { out[row * 18 + index * 3 + place] = value; }));
    }
    return Promise.resolve({ output0: float32(out, [rows, 6, 3]) });
  },
  dispose: () => Promise.resolve(),
};

const load = async (resize: string): Promise<Pipeline> => await loadObjectDetection(
  { clock: systemClock, onnx: OnnxOptions.parse({}), file: (name) => name, open: () => Promise.resolve(redFinder) },
  ObjectDetectionManifest.parse({ task: "object-detection", head: "yolo", labels: ["thing", "red"], image: { width: side, height: side, resize } }),
);

/** White, with a red rectangle. */
function drawing(width: number, height: number, x: number, y: number, across: number, down: number): Sharp {
  const red = { create: { width: across, height: down, channels: 3 as const, background: "#f00" } };
  return sharp({ create: { width, height, channels: 3, background: "#fff" } }).composite([{ input: red, left: x, top: y }]);
}

async function detect(pipeline: Pipeline, image: Uint8Array, threshold: number | null = null): Promise<Extract<Inferred, { task: "object-detection" }>> {
  const prepared = await pipeline.prepare({ kind: "infer", input: { task: "object-detection", image, threshold } });
  const answer = await prepared.finish(await pipeline.run(prepared.items));
  assert.ok("output" in answer && answer.output.task === "object-detection");
  return answer.output;
}

const near = (box: { x: number; y: number; width: number; height: number }, expected: readonly number[], within: number): void => {
  [box.x, box.y, box.width, box.height].forEach((value, at) => assert.ok(Math.abs(value - expected[at]!) <= within, `${JSON.stringify(box)} for ${expected.join(", ")}`));
};

test("boxes come back in the image's own pixels, whatever was done to it", async () => {
  const image = await drawing(640, 320, 320, 80, 160, 160).png().toBuffer();
  for (const resize of ["stretch", "letterbox", "cover"]) {
    const { width, height, detections } = await detect(await load(resize), image);
    assert.deepEqual([width, height], [640, 320]);
    assert.deepEqual(detections.map(({ label }) => label), ["red", "thing"], "of two boxes of one label the better stays");
    near(detections[0]!.box, [320, 80, 160, 160], 11);
  }
});

test("and as the image is seen, after its EXIF orientation", async () => {
  const turned = await sharp(await drawing(640, 320, 320, 80, 160, 160).png().toBuffer()).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
  const { width, height, detections } = await detect(await load("letterbox"), turned);
  assert.deepEqual([width, height], [320, 640]);
  // Turned clockwise: what was 80 from the top is 80 from the right.
  near(detections[0]!.box, [80, 320, 160, 160], 11);
});

test("the request's threshold, and several requests in one batch", async () => {
  const pipeline = await load("letterbox");
  const image = await drawing(640, 320, 320, 80, 160, 160).png().toBuffer();
  assert.deepEqual((await detect(pipeline, image, 0.8)).detections.map(({ label }) => label), ["red"]);
  assert.deepEqual((await detect(pipeline, image, 0.95)).detections, []);
  const other = await drawing(64, 64, 0, 0, 32, 32).png().toBuffer();
  const prepared = await Promise.all([image, other].map(async (each) => await pipeline.prepare({ kind: "infer", input: { task: "object-detection", image: each, threshold: null } })));
  const results = await pipeline.run(prepared.flatMap(({ items }) => items));
  const answer = await prepared[1]!.finish([results[1]]);
  assert.ok("output" in answer && answer.output.task === "object-detection");
  near(answer.output.detections[0]!.box, [0, 0, 32, 32], 1);
});
