import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { InfernoError, type ErrorCode } from "../../../protocol/errors.ts";
import { graph, model, modelBytes, node, value } from "../../../runtime/onnx-file/build.ts";
import { readModel } from "../../../runtime/onnx-file/model.ts";
import { writeModel } from "../../../runtime/onnx-file/write.ts";
import { linear, put, ramp, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";
import { floats, infer, loadModel, openGraphs, valuesOf } from "./engine.ts";

const sound = modelBytes(model(linear()));

const cyclic = () => model(graph({
  nodes: [node("Add", ["x", "b"], ["a"], {}, { name: "/one" }), node("Mul", ["x", "a"], ["b"], {}, { name: "/two" })],
  inputs: [value("x", "float32", [2])], outputs: [value("b", "float32", [2])],
}));
const unknownOperator = () => model(graph({ nodes: [node("Conjure", ["x"], ["y"])], inputs: [value("x", "float32", [2])], outputs: [value("y", "float32", [2])] }));
const wrongShapes = () => {
  const { initializer, ...rest } = linear();
  return model({ ...rest, initializer: initializer.map((each) => (each.name === "b" ? { ...each, dims: [16n] } : each)) });
};
const newOpset = () => model(linear(), { opset: 4000 });

const bad: readonly (readonly [what: string, bytes: Uint8Array, code: ErrorCode, message: RegExp])[] = [
  ["an empty file", new Uint8Array(), "model_file_invalid", /not an ONNX model/],
  ["text", new TextEncoder().encode("<html>404 Not Found</html>"), "model_file_invalid", /model\.onnx/],
  ["a GGUF file", new TextEncoder().encode("GGUF\u0003\0\0\0"), "model_file_invalid", /model\.onnx/],
  ["a model that is cut off", sound.slice(0, sound.length - 100), "model_file_invalid", /model\.onnx/],
  ["a model whose tensors are too short", modelBytes(wrongShapes()), "model_file_invalid", /"b" of shape \[16\]/],
  ["a cyclic graph", modelBytes(cyclic()), "model_file_invalid", /circle|cycl/],
  ["an operator that does not exist", modelBytes(unknownOperator()), "model_load_failed", /Conjure/],
  ["operators of a later time", modelBytes(newOpset()), "model_load_failed", /opset/i],
];

for (const [what, bytes, code, message] of bad) {
  test(`${what} is a typed error`, async (t) => {
    const path = put(temporaryFolder(t), "model.onnx", bytes);
    for (const cache_optimized of [true, false]) {
      const error: unknown = await loadModel(t, path, { cache_optimized }).then(() => null, (failure: unknown) => failure);
      assert.ok(error instanceof InfernoError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /onnxruntime_src|\n/);
    }
  });
}

test("any damage of a model is a typed error, or loads", async (t) => {
  const folder = temporaryFolder(t);
  const graphs = openGraphs(t);
  const expected: ReadonlySet<string> = new Set(["model_file_invalid", "model_file_missing", "model_load_failed"]);
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(sound.length), async (changes, length) => {
    const bytes = sound.slice();
    for (const [at, byte] of changes) bytes[at] = byte;
    const path = put(folder, "damaged.onnx", bytes.slice(0, Math.max(length, sound.length - 50)));
    try {
      await graphs.open(path);
    } catch (error) {
      assert.ok(error instanceof InfernoError && expected.has(error.code), String(error));
    }
  }), { numRuns: 150 });
});

test("weights beside the model that are missing or cut off are named; with them it runs", async (t) => {
  const folder = temporaryFolder(t);
  const { path, dataPath } = writeModel(readModel(put(folder, "inside.onnx", model(linear()))), join(folder, "apart.onnx"), { external: "always" });
  assert.ok(dataPath !== null);
  const weights = readFileSync(dataPath);
  rmSync(dataPath);
  await assert.rejects(loadModel(t, path), { code: "model_file_missing", message: /weights of "w" lie in "apart\.onnx_data", which is not there/ });
  writeFileSync(dataPath, weights.subarray(0, 100));
  await assert.rejects(loadModel(t, path), { code: "model_file_invalid", message: /"apart\.onnx_data", which has 100/ });
  writeFileSync(dataPath, weights);
  const { y } = await infer(await loadModel(t, path), { x: floats([...ramp(32)], [1, 32]) });
  assert.ok(y !== undefined && valuesOf(y).some((value) => value > 0));
});

test("what is no file at all", async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(loadModel(t, join(folder, "none.onnx")), { code: "model_file_missing", message: /none\.onnx does not exist/ });
  await assert.rejects(loadModel(t, folder), { code: "manifest_invalid", message: /inferno\.model\.yaml/ });
  mkdirSync(join(folder, "folder.onnx"));
  await assert.rejects(loadModel(t, join(folder, "folder.onnx")), { code: "manifest_invalid" });
  await assert.rejects(loadModel(t, `${folder}/${"x".repeat(5000)}.onnx`), { code: "model_file_missing" });
});
