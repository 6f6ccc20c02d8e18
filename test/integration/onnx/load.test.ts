import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { manifestName } from "../../../protocol/manifest.ts";
import { model } from "../../../runtime/onnx-file/build.ts";
import { linear, put, ramp, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";
import { floats, infer, loadModel, valuesOf } from "./engine.ts";

const row = floats([...ramp(32)], [1, 32]);

test("a bare ONNX file takes and gives tensors", async (t) => {
  const loaded = await loadModel(t, put(temporaryFolder(t), "linear.onnx", model(linear())));
  const { y } = await infer(loaded, { x: row });
  assert.deepEqual([y?.type, y?.shape], ["float32", [1, 32]]);
  const { engine, name, architecture, parameters, sizeBytes, quantization, library, device } = loaded.model;
  assert.deepEqual({ engine, name, architecture, parameters, sizeBytes, quantization }, { engine: "onnx", name: "linear.onnx", architecture: "inferno", parameters: 1056, sizeBytes: 4224, quantization: "float32" });
  assert.match(library, /^onnxruntime \d+\.\d+\.\d+$/);
  assert.deepEqual([device.kind, device.reason], ["cpu", ""]);
  assert.ok(loaded.memoryUse !== null && loaded.memoryUse.measured.rss > 0);
});

test("a folder with a manifest, and the manifest itself", async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "parts"));
  put(join(folder, "parts"), "linear.onnx", model(linear()));
  writeFileSync(join(folder, manifestName), "task: raw\nmodel: parts/linear.onnx\n");
  for (const path of [folder, join(folder, manifestName)]) assert.equal((await infer(await loadModel(t, path), { x: row }))["y"]?.shape.length, 2);
});

test("requests that do not fit are refused before they run", async (t) => {
  const loaded = await loadModel(t, put(temporaryFolder(t), "linear.onnx", model(linear())));
  const asked = (input: Parameters<typeof infer>[1], outputs: string[] | null = null) => infer(loaded, input, outputs);
  await assert.rejects(asked({}), { code: "tensor_mismatch", message: /"x" is missing/ });
  await assert.rejects(asked({ x: { ...row, shape: [1, 31] } }), { code: "tensor_mismatch", message: /needs 124 bytes, and 128 are there/ });
  await assert.rejects(asked({ x: { ...row, shape: [32] } }), { code: "tensor_mismatch" });
  await assert.rejects(asked({ x: { ...row, type: "int32" } }), { code: "tensor_mismatch", message: /int32/ });
  await assert.rejects(asked({ x: row }, ["z"]), { code: "tensor_mismatch", message: /no output "z"/ });
  await assert.rejects(loaded.prepare({ kind: "embed", inputs: ["a"] }), { code: "model_task_mismatch" });
  const { y } = await asked({ x: floats(new Array<number>(32).fill(Number.NaN), [1, 32]) });
  assert.ok(y !== undefined && valuesOf(y).every(Number.isNaN));
});

test("a provider that is missing is passed over with its reason, and an error when no other is named", async (t) => {
  const path = put(temporaryFolder(t), "linear.onnx", model(linear()));
  // No build has both.
  const { device } = (await loadModel(t, path, { providers: ["dml", "coreml", "cpu"] })).model;
  if (device.kind === "cpu") assert.match(device.reason, /^dml: .+; coreml: .+ is built without it$/);
  const missing = process.platform === "darwin" ? "dml" : "coreml";
  await assert.rejects(loadModel(t, path, { providers: [missing] }), { code: "model_load_failed", message: new RegExp(`${missing}: onnxruntime .* is built without it`) });
});

test("nothing is written for onnxruntime's makers", async (t) => {
  const [folder, caches] = [temporaryFolder(t), temporaryFolder(t)];
  const path = put(folder, "linear.onnx", model(linear()));
  const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
  const script = `
    const { loadOnnx } = await import(${JSON.stringify(new URL("../../../runtime/backends/onnx/index.ts", import.meta.url).href)});
    const { OnnxOptions } = await import(${JSON.stringify(new URL("../../../protocol/config.ts", import.meta.url).href)});
    const model = await loadOnnx({ clock: { nowUs: () => 0 }, home: ${JSON.stringify(folder)} })({ path: ${JSON.stringify(path)}, onnx: OnnxOptions.parse({}) });
    await model.dispose();`;
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env: { ...env, HOME: caches, XDG_CACHE_HOME: caches, XDG_DATA_HOME: caches, LOCALAPPDATA: caches } });
  assert.deepEqual(readdirSync(caches), []);
});
