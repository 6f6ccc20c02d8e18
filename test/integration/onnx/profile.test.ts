import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import type { OperationRecord, TaskItem, TaskModel, TaskReport } from "../../../runtime/backends/task-model.ts";
import { model } from "../../../runtime/onnx-file/build.ts";
import { branching, linear, put, ramp, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";
import { floats, loadModel } from "./engine.ts";

const row = { x: floats([...ramp(64)], [2, 32]) };
// A folder of this process alone for what is written in passing.
const scratch = mkdtempSync(join(tmpdir(), "inferno-profiles-of-test-"));
process.env["TMPDIR"] = scratch;
after(() => rmSync(scratch, { recursive: true }));
const profiles = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("inferno-profile-"));

async function itemsOf(loaded: TaskModel): Promise<readonly TaskItem[]> {
  return (await loaded.prepare({ kind: "infer", input: { task: "raw", inputs: row, outputs: null } })).items;
}

async function open(t: TestContext, content: Parameters<typeof put>[2], asked = {}): Promise<TaskModel> {
  return await loadModel(t, put(temporaryFolder(t), "a.onnx", content), asked);
}

function checkNested({ compute, operations = [] }: TaskReport): readonly OperationRecord[] {
  for (const { startUs, endUs } of operations) assert.ok(compute.startUs <= startUs && startUs <= endUs && endUs <= compute.endUs, `${startUs} to ${endUs} in ${compute.startUs} to ${compute.endUs}`);
  assert.deepEqual(operations, operations.toSorted((a, b) => a.startUs - b.startUs));
  return operations;
}

test("a run that asks for it is told each operation, within its own time; others are not", async (t) => {
  const loaded = await open(t, model(linear()), { optimization: "disabled" });
  const items = await itemsOf(loaded);
  assert.equal((await loaded.run(items)).operations, undefined);
  const report = await loaded.run(items, undefined, true);
  const names = checkNested(report).map(({ name, operator, provider, shapes }) => [name, operator, provider, shapes]);
  // Weights that were rearranged for the processor are no inputs any more.
  assert.deepEqual(names, [
    ["/multiply", "MatMul", "CPU", "float[2,32] → float[2,32]"],
    ["/add", "Add", "CPU", "float[2,32] float[32] → float[2,32]"],
    ["/relu", "Relu", "CPU", "float[2,32] → float[2,32]"],
  ]);
  assert.equal((await loaded.run(items)).operations, undefined);
  assert.deepEqual(report.results, (await loaded.run(items)).results);
  assert.deepEqual(profiles(), []);
});

test("what is profiled is the rewritten graph, each time anew", async (t) => {
  const loaded = await open(t, model(linear()));
  const items = await itemsOf(loaded);
  for (let run = 0; run < 2; run += 1) assert.deepEqual(checkNested(await loaded.run(items, undefined, true)).map(({ operator }) => operator), ["FusedGemm"]);
});

test("operations of a branch lie within the node that chose it", async (t) => {
  const loaded = await open(t, branching(), { optimization: "disabled" });
  const { items } = await loaded.prepare({
    kind: "infer", input: { task: "raw", outputs: null, inputs: { yes: { type: "bool", shape: [], data: Uint8Array.of(1) }, x: floats([...ramp(1024)], [32, 32]) } },
  });
  const operations = checkNested(await loaded.run(items, undefined, true));
  const [choose, multiply] = ["/choose", "/then/multiply"].map((name) => operations.find((operation) => operation.name === name));
  assert.ok(choose !== undefined && multiply !== undefined, JSON.stringify(operations));
  assert.ok(choose.startUs <= multiply.startUs && multiply.endUs <= choose.endUs);
});

test("a run that fails while it is profiled leaves nothing behind, and the model goes on", async (t) => {
  const loaded = await open(t, model(linear()));
  const items = await itemsOf(loaded);
  const strange: TaskItem = { length: 1 };
  await assert.rejects(loaded.run([strange], undefined, true), { code: "inference_failed" });
  assert.deepEqual(profiles(), []);
  assert.equal((await loaded.run(items)).results.length, 1);
});
