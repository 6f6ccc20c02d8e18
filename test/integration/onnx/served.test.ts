import assert from "node:assert/strict";
import { test } from "node:test";
import { model } from "../../../runtime/onnx-file/build.ts";
import { startModelProcess } from "../../drivers/model-process.ts";
import { linear, put, ramp, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";
import { floats, valuesOf } from "./engine.ts";

test("an ONNX model is served by a process of its own, which is gone with all its memory when it is unloaded", async (t) => {
  const home = temporaryFolder(t);
  put(home, "linear.onnx", model(linear()));
  await using it = startModelProcess(home, { source: "linear.onnx" });
  const row = floats([...ramp(32)], [1, 32]);
  const asked = { input: { task: "raw", inputs: { x: row }, outputs: null } } as const;
  const answers = await Promise.all(["a", "b", "c"].map((id) => it.work(id, "infer", asked)));
  const values = answers.map(({ output }) => (output.task === "raw" ? valuesOf(output.outputs["y"]!) : []));
  assert.equal(values[0]!.length, 32);
  assert.deepEqual(values[1], values[0]);

  const { state, task, info, pid, memory } = it.model.status();
  assert.deepEqual([state, task, info?.engine, info?.device.kind], ["ready", "raw", "onnx", "cpu"]);
  assert.ok(memory !== null && memory.measured.rss > 0);
  await it.model.host.unload();
  assert.deepEqual([it.model.status().state, it.model.status().pid, it.crashes], ["unloaded", null, []]);
  assert.throws(() => process.kill(pid!, 0), { code: "ESRCH" });

  const again = await it.work("d", "infer", asked);
  assert.deepEqual(again.output.task === "raw" && valuesOf(again.output.outputs["y"]!), values[0]);
});

test("a file that is not there is its model's error", async (t) => {
  await using it = startModelProcess(temporaryFolder(t), { source: "missing.onnx" });
  await assert.rejects(it.work("a", "infer", { input: { task: "raw", inputs: {}, outputs: null } }), { code: "model_file_missing" });
  assert.deepEqual([it.model.status().state, it.model.status().error?.code], ["failed", "model_file_missing"]);
});
