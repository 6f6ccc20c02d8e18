import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { GraphComparison, GraphReport } from "../../../../protocol/graph.ts";
import { graph, model, node, tensor, value } from "../../../../runtime/onnx-file/build.ts";
import { readModel } from "../../../../runtime/onnx-file/model.ts";
import { writeModel } from "../../../../runtime/onnx-file/write.ts";
import { runCli } from "../../../../runtime/cli/cli.ts";
import { fakeTerminal } from "../../../drivers/fake-terminal.ts";
import { matchesGolden } from "../../../drivers/golden.ts";
import { branching, linear, put, ramp, temporaryFolder } from "../onnx-file/files.ts";

async function inspect(folder: string, ...args: string[]) {
  const terminal = fakeTerminal({ cwd: folder });
  const code = await runCli(["inspect", ...args], terminal, "1.2.3");
  return { code, ...terminal.printed };
}

/** The graph of `linear` as an optimizer might leave it. */
const optimized = () => model(graph({
  nodes: [
    node("ReorderInput", ["x"], ["reorder"], {}, { domain: "com.microsoft.nchwc", name: "in" }),
    node("FusedGemm", ["reorder", "w", "b"], ["y"], { activation: "Relu" }, { domain: "com.microsoft", name: "/multiply/fused" }),
  ],
  inputs: [value("x", "float32", ["batch", 32])], outputs: [value("y", "float32", ["batch", 32])], initializers: [tensor("w", "float32", [32, 32], ramp(1024)), tensor("b", "float32", [32], ramp(32))],
}));

test("a graph as tables", async (t) => {
  const folder = temporaryFolder(t);
  put(folder, "branches.onnx", branching());
  writeModel(readModel(put(folder, "plain.onnx", model(linear(), { domains: { "com.microsoft": 1 }, metadata: { author: "some\nbody" } }))), join(folder, "linear.onnx"), { external: "always" });
  const [plain, branches] = [await inspect(folder, "linear.onnx"), await inspect(folder, "branches.onnx")];
  assert.deepEqual([plain.code, plain.stderr, branches.code], [0, "", 0]);
  matchesGolden("cli/inspect.txt", plain.stdout);
  matchesGolden("cli/inspect-branches.txt", branches.stdout);
});

test("before and after optimization, side by side", async (t) => {
  const folder = temporaryFolder(t);
  put(folder, "linear.onnx", model(linear()));
  put(folder, "after.onnx", optimized());
  const { code, stdout } = await inspect(folder, "linear.onnx", "--against", "after.onnx");
  assert.equal(code, 0);
  matchesGolden("cli/inspect-optimized.txt", stdout);
});

test("as JSON it is the whole report", async (t) => {
  const folder = temporaryFolder(t);
  put(folder, "linear.onnx", model(linear()));
  put(folder, "after.onnx", optimized());
  const { code, stdout } = await inspect(folder, "linear.onnx", "--json", "--against", "after.onnx");
  assert.equal(code, 0);
  const said = JSON.parse(stdout) as { optimized: unknown };
  assert.equal(GraphReport.parse(said).nodes.length, 3);
  assert.equal(GraphComparison.parse(said.optimized).after, 2);
});

test("what is no ONNX file says so", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "a.gguf"), "GGUF\u0003\0\0\0");
  writeFileSync(join(folder, "b.onnx"), "no model");
  for (const [file, code, message] of [["a.gguf", 2, /is a GGUF file[^]*inferno fit/], ["b.onnx", 4, /model_file_invalid/], ["c.onnx", 4, /model_file_missing/], [".", 4, /model_file_missing/]] as const) {
    const said = await inspect(folder, file);
    assert.equal(said.code, code, file);
    assert.match(said.stderr, message);
  }
});
