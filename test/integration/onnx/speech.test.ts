import assert from "node:assert/strict";
import { test } from "node:test";
import { graph, model, modelBytes, node, tensor, value } from "../../../runtime/onnx-file/build.ts";
import type { TaskModel } from "../../../runtime/backends/task-model.ts";
import { ask, loadFolder } from "../../drivers/task-model.ts";

/** Says each unit as its id times the speed, plus the sum of the voice's style. */
const parrot = modelBytes(model(graph({
  nodes: [
    node("Cast", ["ids"], ["numbers"], { to: 1 }),
    node("Mul", ["numbers", "speed"], ["fast"]),
    node("ReduceSum", ["style"], ["tone"], { keepdims: 0 }),
    node("Add", ["fast", "tone"], ["samples"]),
  ],
  inputs: [value("ids", "int64", [1, "units"]), value("speed", "float32", [1]), value("style", "float32", [1, 2])],
  outputs: [value("samples", "float32", [1, "units"])],
})));
const tensors = { ids: "ids", speed: "speed", voice: "style", output: "samples" };
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
/** "flat" has one row, "long" one for each number of units up to two. */
const voices = { flat: "flat.bin", long: "long.bin" };
const files = { "model.onnx": parrot, "flat.bin": floats(0, 0), "long.bin": floats(0, 0, 10, 0, 20, 1), "units.json": { a: 1, b: 2, ch: 3, c: 4, " ": 5, ".": 6 } };
const manifest = { task: "speech", sample_rate: 8000, characters: "units.json", tensors, voices };

const say = async (to: TaskModel, text: string, voice: string | null = null, speed = 1): Promise<number[]> => {
  const { samples, sampleRate } = await ask(to, { task: "speech", text, voice, speed });
  assert.equal(sampleRate, 8000);
  return [...samples];
};

test("units of several letters, capitals, spaces and sentences become samples in their order", async () => {
  await using parrots = await loadFolder(manifest, files);
  assert.deepEqual(await say(parrots, "ab ch"), [1, 2, 5, 3]);
  assert.deepEqual(await say(parrots, "A\tc"), [1, 5, 4]);
  assert.deepEqual(await say(parrots, "a. b.\n\nc"), [1, 6, 2, 6, 4]);
  assert.deepEqual(await say(parrots, "ab", null, 1.5), [1.5, 3]);
});

test("a graph that is told how long to speak gets the inverse of the speed", async () => {
  const { speed, ...others } = tensors;
  await using parrots = await loadFolder({ ...manifest, tensors: { ...others, length_scale: speed } }, files);
  assert.deepEqual(await say(parrots, "ab", null, 2), [0.5, 1]);
  assert.deepEqual(await say(parrots, "ab"), [1, 2]);
});

test("a voice with a row for each length takes the row, and the last one for what is longer", async () => {
  await using parrots = await loadFolder(manifest, files);
  assert.deepEqual(await say(parrots, "a", "long"), [11]);
  assert.deepEqual(await say(parrots, "ab", "long"), [22, 23]);
  assert.deepEqual(await say(parrots, "abc", "long"), [22, 23, 25]);
});

test("blanks lie before, between and behind", async () => {
  await using parrots = await loadFolder({ ...manifest, blank: 0 }, files);
  assert.deepEqual(await say(parrots, "ab"), [0, 1, 0, 2, 0]);
});

test("numbered voices, lengths, and units within the manifest", async () => {
  const numbered = modelBytes(model(graph({
    nodes: [
      node("Mul", ["ids", "length"], ["product"]), node("Add", ["product", "speaker"], ["sum"]), node("Cast", ["sum"], ["samples"], { to: 1 }),
    ],
    inputs: [value("ids", "int64", [1, "units"]), value("length", "int64", [1]), value("speaker", "int64", [1])],
    outputs: [value("samples", "float32", [1, "units"])],
    initializers: [tensor("unused", "float32", [1], [0])],
  })));
  await using pair = await loadFolder(
    { task: "speech", sample_rate: 8000, characters: { a: 1, b: 2 }, tensors: { ids: "ids", lengths: "length", voice: "speaker", output: "samples" }, voices: { one: 100, two: 200 } },
    { "model.onnx": numbered },
  );
  assert.deepEqual(await say(pair, "ab"), [102, 104]);
  assert.deepEqual(await say(pair, "ab", "two"), [202, 204]);
  await assert.rejects(say(pair, "a", null, 2), { code: "invalid_request", param: "speed" });
});

test("what cannot be said is an error, not left out", async () => {
  await using parrots = await loadFolder(manifest, files);
  await assert.rejects(say(parrots, "a5"), { code: "invalid_request", param: "input", message: /no sound for "5" \(character 2\)/ });
  await assert.rejects(say(parrots, "  \n "), { code: "invalid_request", param: "input" });
  await assert.rejects(say(parrots, "a", "flut"), { code: "invalid_request", param: "voice", message: /it has flat, long\..*flat/ });
});

test("manifests that do not fit", async () => {
  await assert.rejects(loadFolder({ ...manifest, voices: {} }, files), { code: "manifest_invalid", message: /`voices` names none/ });
  await assert.rejects(loadFolder({ ...manifest, tensors: { ...tensors, ids: "text" } }, files), { code: "manifest_invalid", message: /no input "text"/ });
  await assert.rejects(loadFolder(manifest, { ...files, "long.bin": floats(1, 2, 3) }), { code: "manifest_invalid", message: /3 values, which are no rows of 2/ });
  await assert.rejects(loadFolder({ ...manifest, voices: { first: 1 } }, files), { code: "manifest_invalid", message: /voices.first: the graph takes a style/ });
  await assert.rejects(loadFolder(manifest, { ...files, "units.json": ["a"] }), { code: "manifest_invalid", message: /characters/ });
  const narrow = modelBytes(model(graph({
    nodes: [node("Cast", ["ids"], ["samples"], { to: 1 })], inputs: [value("ids", "int32", [1, "units"])], outputs: [value("samples", "float32", [1, "units"])],
  })));
  await assert.rejects(loadFolder({ ...manifest, tensors: { ids: "ids", output: "samples" }, voices: {} }, { ...files, "model.onnx": narrow }), {
    code: "manifest_invalid", message: /tensors\.ids: the graph's input ids is int32, not int64/,
  });
});
