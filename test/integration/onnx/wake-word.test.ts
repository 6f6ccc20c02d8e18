import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { plainLogMel } from "../../../runtime/backends/onnx/audio/log-mel.ts";
import { MelFrames } from "../../../runtime/backends/onnx/audio/mel.ts";
import { graph, model, modelBytes, node, tensor, value } from "../../../runtime/onnx-file/build.ts";
import type { TaskModel } from "../../../runtime/backends/task-model.ts";
import { ask, loadFolder } from "../../drivers/task-model.ts";
import { sine } from "../../unit/runtime/backends/onnx/audio/sounds.ts";

const rate = 16_000;

/** Two "words": the mean and the greatest of a window's values. */
const meanAndMost = (shape: readonly (number | string)[]): Uint8Array => modelBytes(model(graph({
  nodes: [
    node("Flatten", ["x"], ["flat"], { axis: 1 }),
    node("ReduceMean", ["flat", "axis"], ["mean"], { keepdims: 1 }),
    node("ReduceMax", ["flat", "axis"], ["most"], { keepdims: 1 }),
    node("Concat", ["mean", "most"], ["scores"], { axis: 1 }),
  ],
  inputs: [value("x", "float32", shape)],
  outputs: [value("scores", "float32", ["batch", 2])],
  initializers: [tensor("axis", "int64", [1], [1])],
})));

const manifest = { task: "wake-word", words: ["mean", "most"], window: 1600, hop: 800 };
const onSamples = () => loadFolder(manifest, { "model.onnx": meanAndMost(["batch", 1600]) });
const hear = (to: TaskModel, samples: Float32Array, state: Uint8Array | null = null, threshold = 0.3) =>
  ask(to, { task: "wake-word", sound: { kind: "samples", samples, sampleRate: rate }, state, threshold });

test("a word is heard in the windows that it lies in, with the time of their end", async () => {
  await using spotter = await onSamples();
  const samples = new Float32Array(8000);
  samples.fill(0.5, 3200, 4800);
  const { scores } = await hear(spotter, samples, null, 0.4);
  assert.deepEqual(scores, [
    { word: "most", score: 0.5, at: 4000 / rate },
    { word: "mean", score: 0.5, at: 4800 / rate }, { word: "most", score: 0.5, at: 4800 / rate },
    { word: "most", score: 0.5, at: 5600 / rate },
  ]);
});

test("a stream in pieces hears what the whole hears", async () => {
  await using spotter = await onSamples();
  const samples = sine(3, rate, 12_000);
  const whole = await hear(spotter, samples);
  assert.ok(whole.scores.length > 5);
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(5000), { maxLength: 6 }), async (sizes) => {
    const found: unknown[] = [];
    let state: Uint8Array | null = null;
    let at = 0;
    for (const size of [...sizes, samples.length]) {
      const heard = await hear(spotter, samples.subarray(at, at + size), state);
      at = Math.min(samples.length, at + size);
      ({ state } = heard);
      found.push(...heard.scores);
    }
    assert.deepEqual(found, whole.scores);
  }), { numRuns: 15 });
});

for (const order of ["frames first", "mels first"] as const) {
  test(`features, ${order}: what the graph is given is the log-mel of the window`, async () => {
    const features = { mels: 8, fft: 256, hop: 100, low: 50, high: 6000 };
    const sizes = order === "frames first" ? [20, 8] : [8, 20];
    await using spotter = await loadFolder({ ...manifest, window: 20, hop: 1000, features }, { "model.onnx": meanAndMost([1, 1, ...sizes]) });
    const samples = sine(440, rate, 19 * 100 + 256);
    const { scores } = await hear(spotter, samples, null, -100);
    const frames = new MelFrames({ sampleRate: rate, ...features });
    const data = Array.from({ length: 20 }, (_, frame) => [...plainLogMel(frames, samples, frame * 100)]).flat();
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    assert.equal(scores.length, 2);
    assert.ok(Math.abs(scores[0]!.score - mean) < 1e-4 && Math.abs(scores[1]!.score - Math.max(...data)) < 1e-4);
  });
}

/** As the recipe writes manifests: eight windows over each other. */
const overlapping = { ...manifest, hop: 200 };

test("a long sound is few items, holds no copies, gives way to messages and ends when nobody wants it any more", async () => {
  await using spotter = await loadFolder(overlapping, { "model.onnx": meanAndMost(["batch", 1600]) });
  const samples = sine(3, rate, 300 * rate);
  const before = process.memoryUsage().arrayBuffers;
  const { items } = await spotter.prepare({ kind: "infer", input: { task: "wake-word", sound: { kind: "samples", samples, sampleRate: rate }, state: null, threshold: null } });
  // 24,000 windows would be 154 MB.
  assert.ok(process.memoryUsage().arrayBuffers - before < 3 * samples.byteLength);
  assert.ok(items.length < 200, `${items.length} items`);
  const unwanted = new AbortController();
  setImmediate(() => unwanted.abort(new Error("gone")));
  await assert.rejects(spotter.run(items, unwanted.signal), /gone/);
});

test("in portions, whatever shares their run, what is heard is the same", async () => {
  const sizes = ["batch", 1, 4] as const;
  const found = await Promise.all(sizes.map(async (rows) => {
    await using spotter = await loadFolder(overlapping, { "model.onnx": meanAndMost([rows, 1600]) });
    return (await hear(spotter, sine(3, rate, 60_001), null, -1)).scores;
  }));
  // (60,001 − 1600) / 200 + 1, of two words each.
  assert.equal(found[0]?.length, 2 * 293);
  // The mean's sum is rounded by the number of rows.
  const rounded = found.map((scores) => scores.map(({ word, score, at }) => [word, score.toFixed(4), at]));
  assert.deepEqual(rounded[1], rounded[0]);
  assert.deepEqual(rounded[2], rounded[0]);
});

test("more windows than one request may have are refused", async () => {
  await using spotter = await loadFolder({ ...manifest, hop: 1 }, { "model.onnx": meanAndMost(["batch", 1600]) });
  await assert.rejects(hear(spotter, new Float32Array(600_000)), { code: "media_too_large", message: /598401 windows; 500000/ });
});

test("manifests that do not fit", async () => {
  const bytes = { "model.onnx": meanAndMost(["batch", 1600]) };
  await assert.rejects(loadFolder({ ...manifest, window: 1000 }, bytes), { code: "manifest_invalid", message: /takes \[batch, 1600\], not 1000/ });
  await assert.rejects(loadFolder({ ...manifest, hop: 1601 }, bytes), { code: "manifest_invalid", message: /`hop`/ });
  await using three = await loadFolder({ ...manifest, words: ["a", "b", "c"] }, bytes);
  await assert.rejects(hear(three, new Float32Array(1600)), { code: "manifest_invalid", message: /names 3, the graph gives 2/ });
  const halves = modelBytes(model(graph({
    nodes: [node("ReduceMax", ["x", "axis"], ["most"], { keepdims: 1 }), node("Cast", ["most"], ["scores"], { to: 1 })],
    inputs: [value("x", "float16", ["batch", 1600])], outputs: [value("scores", "float32", ["batch", 1])], initializers: [tensor("axis", "int64", [1], [1])],
  })));
  await assert.rejects(loadFolder({ ...manifest, words: ["a"] }, { "model.onnx": halves }), { code: "manifest_invalid", message: /input x is float16, not float32/ });
});
