import assert from "node:assert/strict";
import { join } from "node:path";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { GraphReport } from "../../../../protocol/graph.ts";
import { graph, model, node, tensor, value } from "../../../../runtime/onnx-file/build.ts";
import { inspectModel } from "../../../../runtime/onnx-file/inspect.ts";
import { readModel } from "../../../../runtime/onnx-file/model.ts";
import { writeModel } from "../../../../runtime/onnx-file/write.ts";
import { branching, linear, put, ramp, temporaryFolder } from "./files.ts";

test("inputs, operators and weights", async (t) => {
  const report = await inspectModel(put(temporaryFolder(t), "a.onnx", model(linear(), { domains: { "com.microsoft": 1 }, metadata: { author: "somebody" } })));
  assert.deepEqual(GraphReport.parse(report), report);
  const { inputs, outputs, dimensions, opsets, metadata, producer, parameters, weightBytes, types, operators, graphs, files } = report;
  assert.deepEqual({ inputs, outputs, dimensions, opsets, metadata, producer, parameters, weightBytes, graphs, files }, {
    inputs: [{ name: "x", type: "float32", shape: ["batch", 32] }], outputs: [{ name: "y", type: "float32", shape: ["batch", 32] }], dimensions: ["batch"],
    opsets: [{ domain: "ai.onnx", version: 21 }, { domain: "com.microsoft", version: 1 }], metadata: { author: "somebody" }, producer: "inferno",
    parameters: 1056, weightBytes: 4224, graphs: [{ path: "", nodes: 3 }], files: [],
  });
  assert.deepEqual(types, [{ type: "float32", tensors: 2, parameters: 1056, bytes: 4224 }]);
  assert.deepEqual(operators, ["Add", "MatMul", "Relu"].map((operator) => ({ operator, count: 1 })));
  assert.deepEqual(report.weights.map(({ name, file, shape }) => ({ name, file, shape })), [{ name: "w", file: null, shape: [32, 32] }, { name: "b", file: null, shape: [32] }]);
  assert.deepEqual(report.nodes.map(({ name, parameters: own }) => [name, own]), [["/multiply", 1024], ["/add", 32], ["/relu", 0]]);
  assert.deepEqual(report.nodes[2]?.outputs, [{ name: "y", type: "float32", shape: ["batch", 32] }]);
  assert.deepEqual(report.nodes[0]?.outputs, [{ name: "product", type: "unknown", shape: null }]);
});

test("branches are followed, and their large constants are weights", async (t) => {
  const report = await inspectModel(put(temporaryFolder(t), "a.onnx", branching()));
  assert.deepEqual(report.graphs, [{ path: "", nodes: 1 }, { path: "/choose › then_branch", nodes: 2 }, { path: "/choose › else_branch", nodes: 2 }]);
  assert.deepEqual(report.operators, [{ operator: "Constant", count: 2 }, { operator: "Mul", count: 2 }, { operator: "If", count: 1 }]);
  assert.deepEqual(report.weights.map(({ name, graph: place }) => [name, place]), [["then.c", "/choose › then_branch"], ["else.c", "/choose › else_branch"]]);
  assert.equal(report.parameters, 2048);
});

test("loops and scans carry graphs too", async (t) => {
  const body = graph({
    name: "body", nodes: [node("Identity", ["go"], ["go.next"]), node("Add", ["sum", "x"], ["sum.next"])],
    inputs: [value("i", "int64", []), value("go", "bool", []), value("sum", "float32", [1])], outputs: [value("go.next", "bool", []), value("sum.next", "float32", [1])],
  });
  const step = graph({ name: "step", nodes: [node("Add", ["a", "b"], ["c"])], inputs: [value("a", "float32", [1]), value("b", "float32", [1])], outputs: [value("c", "float32", [1])] });
  const main = graph({
    nodes: [node("Loop", ["n", "yes", "x"], ["y"], { body }, { name: "loop" }), node("Scan", ["y", "xs"], ["z"], { body: step, num_scan_inputs: 1 }, { name: "scan" })],
    inputs: [value("n", "int64", []), value("yes", "bool", []), value("x", "float32", [1]), value("xs", "float32", [3, 1])], outputs: [value("z", "float32", [1])],
  });
  const report = await inspectModel(put(temporaryFolder(t), "a.onnx", model(main)));
  assert.deepEqual(report.graphs.map(({ path, nodes }) => [path, nodes]), [["", 2], ["loop › body", 2], ["scan › body", 1]]);
});

test("files of weights, there or missing", async (t) => {
  const folder = temporaryFolder(t);
  const { path, dataPath } = writeModel(readModel(put(folder, "a.onnx", model(linear()))), join(folder, "b.onnx"), { external: "always" });
  assert.deepEqual((await inspectModel(path)).files, [{ name: "b.onnx_data", bytes: 4096 }]);
  rmSync(dataPath!);
  assert.deepEqual((await inspectModel(path)).files, [{ name: "b.onnx_data", bytes: null }]);
});

test("inputs that only stand for initializers are none", async (t) => {
  const main = graph({ nodes: [node("Add", ["x", "w"], ["y"])], inputs: [value("x", "float32", [1]), value("w", "float32", [1])], outputs: [value("y", "float32", null)], initializers: [tensor("w", "float32", [1], ramp(1))] });
  const report = await inspectModel(put(temporaryFolder(t), "a.onnx", model(main)));
  assert.deepEqual(report.inputs.map(({ name }) => name), ["x"]);
  assert.deepEqual(report.outputs, [{ name: "y", type: "float32", shape: null }]);
});
