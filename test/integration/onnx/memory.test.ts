import assert from "node:assert/strict";
import { existsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TensorProto_DataLocation } from "onnx-buf";
import { manifestName } from "../../../protocol/manifest.ts";
import type { GraphForecast } from "../../../runtime/backends/backend.ts";
import { graph, model, node, tensor, value } from "../../../runtime/onnx-file/build.ts";
import { externalEntries } from "../../../runtime/onnx-file/external.ts";
import { eventually } from "../../drivers/eventually.ts";
import { writeMiniLm } from "../../drivers/minilm.ts";
import { startTestDaemon } from "../../drivers/test-daemon.ts";
import { linear, put, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";
import { inferno } from "../cli/inferno.ts";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("MiniLM says what was predicted and what it took; after its time without requests the process is gone, and the next request brings it back", { timeout: 30_000 }, async (t) => {
  const source = writeMiniLm(join(temporaryFolder(t), "minilm"));
  await using daemon = await startTestDaemon({ yaml: { models: { m: { source, idle_ttl: 1 } } } });
  const status = async () => (await daemon.client.call("models")).models.find(({ name }) => name === "m")!;
  const embed = async () => (await daemon.client.call("embeddings", { body: { model: "m", input: ["bread without yeast", "a train to Zürich"] } })).data;
  const first = await embed();
  const { pid, memory } = await status();
  assert.ok(memory?.predicted && pid !== null);
  const { predicted, measured, models } = memory;
  assert.ok(predicted.weights > 50e6 && predicted.total < 120e6, JSON.stringify(memory));
  // Tables of words are mapped, and pages that nobody has read are not in it.
  assert.ok(measured.total > 0 && measured.total < 1.2 * predicted.total, JSON.stringify(memory));
  assert.deepEqual(models, [{ name: "model_q4.onnx", predicted, measured: models[0]!.measured }]);
  assert.equal(models[0]!.measured?.total, measured.total);

  await eventually("the process to end", async () => !isAlive(pid));
  await eventually("the model to count as unloaded", async () => (await status()).state === "unloaded");
  const idle = await status();
  assert.deepEqual([idle.pid, idle.rssBytes, idle.memory], [null, null, null]);
  assert.ok(!existsSync(`/proc/${pid}/statm`));
  assert.deepEqual(await embed(), first);
});

/** A graph over weights of a terabyte, which are one hole on the disk. */
function writeTerabyte(folder: string): string {
  const [side, bytes] = [2 ** 19, 2 ** 40];
  const weights = Object.assign(tensor("w", "float32", [side, side], []), {
    dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: externalEntries({ location: "weights.bin", offset: 0, length: bytes }),
  });
  const wide = ["x", "y"].map((name) => value(name, "float32", [1, side]));
  const path = put(folder, "huge.onnx", model(graph({ nodes: [node("MatMul", ["x", "w"], ["y"])], inputs: wide.slice(0, 1), outputs: wide.slice(1), initializers: [weights] })));
  writeFileSync(join(folder, "weights.bin"), "");
  truncateSync(join(folder, "weights.bin"), bytes);
  return path;
}

test("what is clearly too large is refused before loading, by the daemon and by `inferno fit`", async (t) => {
  const folder = temporaryFolder(t);
  const source = writeTerabyte(folder);
  await using daemon = await startTestDaemon({ yaml: { models: { huge: { source } } } });
  const { status, error } = await daemon.send("/api/v1/models/load", { body: { model: "huge" } });
  assert.deepEqual([status, error.code], [503, "model_does_not_fit"]);
  assert.match(error.message, /huge\.onnx needs 1\.\d+ TB of memory: weights 1\.10 TB, the engine's copies and buffers \d+ GB; .* are free now\.$/);
  const { code, stdout } = await inferno(folder, ["fit", "huge.onnx"]);
  assert.equal(code, 1);
  assert.match(stdout, /It does not fit\.\nTake a smaller model/);
});

test("`inferno fit` adds up the graphs of one model, each by name", async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ["detect", "recognise"]) put(folder, `${name}.onnx`, model(linear()));
  writeFileSync(join(folder, "characters.txt"), "a\nb\n");
  writeFileSync(join(folder, manifestName), "task: ocr\ndetect: { model: detect.onnx }\nrecognise: { model: recognise.onnx, characters: characters.txt }\n");
  const { code, stdout } = await inferno(folder, ["fit", ".", "--json"]);
  const { kind, models, devices } = JSON.parse(stdout) as GraphForecast;
  assert.deepEqual([code, kind, models.map(({ name, weights }) => [name, weights])], [0, "graphs", [["detect.onnx", 4224], ["recognise.onnx", 4224]]]);
  assert.equal(devices[0]!.total, models[0]!.total + models[1]!.total);
});
