import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { InferenceSession } from "onnxruntime-node";
import { OptimizedGraphs } from "../../../runtime/backends/onnx/optimized.ts";
import { graph, model, node, tensor, value } from "../../../runtime/onnx-file/build.ts";
import { readModel } from "../../../runtime/onnx-file/model.ts";
import { writeModel } from "../../../runtime/onnx-file/write.ts";
import { linear, put, ramp, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";
import { floats, infer, loadModel, valuesOf } from "./engine.ts";

const row = floats([...ramp(32)], [1, 32]);
const shifted = (by: number) => model({ ...linear(), initializer: [tensor("w", "float32", [32, 32], ramp(1024)), tensor("b", "float32", [32], new Float32Array(32).fill(by))] });

async function run(t: TestContext, path: string, home: string, asked = {}): Promise<number[]> {
  const { y } = await infer(await loadModel(t, path, { home, ...asked }), { x: row });
  assert.ok(y !== undefined);
  return valuesOf(y);
}

const entries = (home: string): string[] => (existsSync(join(home, "onnx")) ? readdirSync(join(home, "onnx")).toSorted() : []);
const graphOf = (home: string): string => join(home, "onnx", entries(home)[0] ?? "none", "graph.onnx");

test("the rewritten graph is kept and used, and gives the same to the bit", async (t) => {
  const [folder, home] = [temporaryFolder(t), temporaryFolder(t)];
  const path = put(folder, "a.onnx", model(linear()));
  const plain = await run(t, path, home, { cache_optimized: false });
  assert.deepEqual(entries(home), []);
  assert.deepEqual(await run(t, path, home), plain);
  assert.equal(entries(home).length, 1);
  // MatMul, Add and Relu have become one.
  assert.deepEqual(readModel(graphOf(home)).graph.node.map(({ opType }) => opType), ["FusedGemm"]);
  // Another graph in its place shows that it is this one that is loaded.
  writeFileSync(graphOf(home), readFileSync(put(folder, "b.onnx", shifted(1000))));
  assert.ok((await run(t, path, home)).every((each) => each > 900));
});

test("a changed file, other weights and other settings have entries of their own", async (t) => {
  const [folder, home] = [temporaryFolder(t), temporaryFolder(t)];
  const path = put(folder, "a.onnx", shifted(100));
  const before = await run(t, path, home);
  put(folder, "a.onnx", shifted(200));
  assert.deepEqual(await run(t, path, home), before.map((each) => each + 100));
  assert.equal(entries(home).length, 2);
  await run(t, path, home, { optimization: "basic" });
  await run(t, path, home, { dimensions: { batch: 1 } });
  assert.equal(entries(home).length, 4);
});

test("external weights stay where they are, and their change is noticed", async (t) => {
  const [folder, home] = [temporaryFolder(t), temporaryFolder(t)];
  const { path, dataPath } = writeModel(readModel(put(folder, "inside.onnx", model(linear()))), join(folder, "a.onnx"), { external: "always" });
  assert.ok(dataPath !== null);
  const before = await run(t, path, home);
  assert.deepEqual(await run(t, path, home), before);
  assert.equal(entries(home).length, 1);
  writeFileSync(dataPath, new Uint8Array(readFileSync(dataPath).length));
  assert.notDeepEqual(await run(t, path, home), before);
});

test("a graph that is open is used, whatever becomes of the cache meanwhile", async (t) => {
  const [folder, cache] = [temporaryFolder(t), join(temporaryFolder(t), "onnx")];
  const path = put(folder, "a.onnx", model(linear()));
  const opened: InferenceSession[] = [];
  const { native } = await new OptimizedGraphs(cache, []).open(path, [], async (file, options) => {
    opened.push(await InferenceSession.create(file, options));
    rmSync(cache, { recursive: true });
    return opened.at(-1)!;
  });
  assert.deepEqual([opened.length, native], [1, opened[0]]);
  await native.release();
});

test("damaged entries are made again", async (t) => {
  const [folder, home] = [temporaryFolder(t), temporaryFolder(t)];
  const path = put(folder, "a.onnx", model(linear()));
  const expected = await run(t, path, home);
  const damage: readonly ((entry: string) => void)[] = [
    (entry) => truncateSync(join(entry, "graph.onnx"), 40),
    (entry) => rmSync(join(entry, "graph.onnx")),
    (entry) => writeFileSync(join(entry, "facts.json"), "{"),
    (entry) => writeFileSync(join(entry, "facts.json"), '{"parameters": "many"}'),
  ];
  for (const harm of damage) {
    const [name = ""] = entries(home);
    harm(join(home, "onnx", name));
    assert.deepEqual(await run(t, path, home), expected);
    assert.deepEqual(entries(home), [name]);
    assert.equal(readModel(graphOf(home)).graph.node.length, 1);
  }
});

test("where nothing can be kept, the model loads all the same", async (t) => {
  const [folder, home] = [temporaryFolder(t), temporaryFolder(t)];
  const path = put(folder, "a.onnx", model(linear()));
  writeFileSync(join(home, "onnx"), "a file where the folder should be");
  assert.equal((await run(t, path, home)).length, 32);
});

test("entries that were not used for longest make room", async (t) => {
  const [folder, home] = [temporaryFolder(t), temporaryFolder(t)];
  for (let index = 0; index < 32; index += 1) {
    const entry = join(home, "onnx", `old-${index}`);
    mkdirSync(entry, { recursive: true });
    utimesSync(entry, 1000 + index, 1000 + index);
  }
  await run(t, put(folder, "a.onnx", model(linear())), home);
  assert.equal(entries(home).length, 32);
  assert.ok(!existsSync(join(home, "onnx", "old-0")) && existsSync(join(home, "onnx", "old-1")));
});

test("a copy of a model elsewhere is another model", async (t) => {
  const [folder, home] = [temporaryFolder(t), temporaryFolder(t)];
  const path = put(folder, "a.onnx", model(graph({ nodes: [node("Relu", ["x"], ["y"])], inputs: [value("x", "float32", [1, 32])], outputs: [value("y", "float32", [1, 32])] })));
  copyFileSync(path, join(folder, "b.onnx"));
  assert.deepEqual(await run(t, path, home), await run(t, join(folder, "b.onnx"), home));
  assert.equal(entries(home).length, 2);
});
