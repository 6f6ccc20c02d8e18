import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { ModelProto } from "onnx-buf";
import { InfernoError } from "../../../protocol/errors.ts";
import { graph, model, modelBytes, node, tensor, value } from "../../../runtime/onnx-file/build.ts";
import { elementType } from "../../../runtime/onnx-file/element.ts";
import { allTensors } from "../../../runtime/onnx-file/graphs.ts";
import { readModel } from "../../../runtime/onnx-file/model.ts";
import { readTensor, toFloat32 } from "../../../runtime/onnx-file/tensor.ts";
import { writeModel } from "../../../runtime/onnx-file/write.ts";
import { quantizeFile } from "../../../runtime/quantize/quantize.ts";
import { branches, image, twoLayers, weights } from "../../unit/runtime/quantize/small-models.ts";
import { cosine, folder, labHere, quantize, quantizeAgain, request } from "./quantized.ts";

/** Of all weights of a file that are stored in INT8. */
function largestInteger(path: string): number {
  const model = readModel(path);
  const stored = [...allTensors(model.message)].filter(({ dataType }) => elementType(dataType) === "int8");
  return Math.max(...stored.flatMap((tensor) => [...toFloat32(readTensor(model, tensor))].map(Math.abs)));
}

test("seven bits: no integer that a product computes with is larger, in the main graph and in branches", async (t) => {
  for (const form of ["int8", "int8-static"] as const) {
    for (const model of [twoLayers(), branches(), ...(form === "int8" ? [] : [image()])]) {
      const { report, target } = await quantize(t, model, { form, reduceRange: true });
      assert.equal(largestInteger(target), 63, `${form}, ${model.graph?.node[0]?.opType ?? ""}`);
      assert.ok(cosine(report) > 0.99, `${form}: ${cosine(report)}`);
    }
  }
  assert.equal(largestInteger((await quantize(t, image(), { form: "int8-static" })).target), 127);
});

/** x → Resize to a third, twice with one scale: behind a product that a pattern may keep, and before one. */
const resized = (): ModelProto => model(graph({
  nodes: [
    node("Resize", ["x", "", "third"], ["small"], { mode: "nearest" }, { name: "resize" }),
    node("Mul", ["small", "third_value"], ["scaled"], {}, { name: "scale" }),
    node("MatMul", ["scaled", "w"], ["y"], {}, { name: "product" }),
  ],
  inputs: [value("x", "float32", [1, 1, 3, 9])], outputs: [value("y", "float32", [1, 1, "rows", 4])],
  initializers: [tensor("third", "float32", [4], Float32Array.of(1, 1, 1 / 3, 1 / 3)), tensor("third_value", "float32", [], Float32Array.of(1 / 3)), weights("w", [3, 4], 21)],
}));

const halves = { form: "fp16", wholeGraph: true } as const;
const storedType = (path: string, name: string): string | undefined => {
  const found = readModel(path).graph.initializer.find((item) => item.name === name);
  return found === undefined ? undefined : elementType(found.dataType);
};

describe("half precision throughout, but for what is kept", () => {
  test("an operator that takes 32-bit floats only gets its own constants as they were: a third stays a third", async (t) => {
    const { report, target } = await quantize(t, resized(), halves);
    assert.equal(storedType(target, "third"), "float32");
    assert.equal(storedType(target, "w"), "float16");
    assert.ok(cosine(report) > 0.9999);
    const asNodes = resized();
    const [third] = asNodes.graph!.initializer.splice(0, 1);
    asNodes.graph!.node.unshift(node("Constant", [], ["third"], { value: third! }));
    assert.ok(cosine((await quantize(t, asNodes, halves)).report) > 0.9999);
  });

  test("a kept node keeps its weights, whether it is named or one of them, and behind a Transpose", async (t) => {
    for (const keep of ["first", "w1"]) {
      const { report, target } = await quantize(t, twoLayers(), { ...halves, keep: [keep] });
      assert.deepEqual([storedType(target, "w1"), storedType(target, "w2")], ["float32", "float16"], keep);
      assert.deepEqual(report.skipped, [{ node: "first", reason: "left out by --keep or --only" }]);
    }
    const only = await quantize(t, twoLayers(), { ...halves, only: ["w2"] });
    assert.deepEqual([storedType(only.target, "w1"), storedType(only.target, "w2")], ["float32", "float16"]);
    const turned = twoLayers();
    turned.graph!.initializer.push(weights("w1t", [64, 48], 1));
    turned.graph!.node.unshift(node("Transpose", ["w1t"], ["turned"], { perm: [1, 0] }));
    turned.graph!.node[1]!.input[1] = "turned";
    assert.equal(storedType((await quantize(t, turned, { ...halves, keep: ["first"] })).target, "w1t"), "float32");
  });

  test("a weight whose readers differ is there in both precisions", async (t) => {
    for (const keep of ["outer", "shared", "inner"]) {
      const { report, target } = await quantize(t, branches(), { ...halves, keep: [keep] });
      const types = [storedType(target, "w"), storedType(target, "w_fp16")];
      assert.deepEqual(types, keep === "inner" ? ["float16", undefined] : ["float32", "float16"], keep);
      assert.ok(cosine(report) > 0.9999);
    }
  });

  test("what goes from one kept node to another, or to an output, is not rounded on its way", async (t) => {
    const large = model(graph({
      nodes: [node("Mul", ["x", "million"], ["far"], {}, { name: "up" }), node("Mul", ["far", "million"], ["y"], {}, { name: "further" })],
      inputs: [value("x", "float32", [4])], outputs: [value("y", "float32", [4])], initializers: [tensor("million", "float32", [], [1e6])],
    }));
    const { report } = await quantize(t, large, { ...halves, keep: ["up", "further"] });
    assert.equal(report.comparison.outputs[0]?.largest, 0);
  });

  test("inputs with a default, and weights that are outputs themselves, stay what they were", async (t) => {
    const edges = twoLayers();
    edges.graph!.input.push(value("b2", "float32", [16]));
    edges.graph!.output.push(value("w1", "float32", [48, 64]));
    const { report, target } = await quantize(t, edges, { ...halves, samples: { sizes: { batch: 4 }, length: 8, count: 1 } });
    assert.equal(storedType(target, "b2"), "float32");
    assert.deepEqual(report.comparison.outputs.find(({ output }) => output === "w1")?.largest, 0);
  });

  test("models that are quantized already stay sound, and their sums finite", async (t) => {
    for (const form of ["int8", "int8-static", "int8-weights", "int4"] as const) {
      for (const first of [twoLayers(), image(), branches()]) {
        const { target } = await quantize(t, first, { form, reduceRange: true });
        const { report } = await quantizeAgain(target, halves);
        assert.ok(cosine(report) > 0.999, `${form}: ${cosine(report)}`);
      }
    }
    // Sums of so many products of 8 bits are far beyond what a half holds.
    const wide = model(graph({
      nodes: [node("MatMul", ["x", "w"], ["y"], {}, { name: "product" })], inputs: [value("x", "float32", [1, 512])], outputs: [value("y", "float32", [1, 8])],
      initializers: [tensor("w", "float32", [512, 8], new Float32Array(4096).fill(0.01))],
    }));
    const { target } = await quantize(t, wide, { form: "int8", balance: false });
    const { report } = await quantizeAgain(target, halves);
    assert.ok(cosine(report) > 0.999, String(cosine(report)));
  });
});

test("static INT8 of a model that computes in half precision leaves its products as they are", async (t) => {
  const { target } = await quantize(t, twoLayers(), halves);
  const { report } = await quantizeAgain(target, { form: "int8-static" });
  assert.deepEqual(report.weights, []);
  assert.ok(["first", "second"].every((name) => report.skipped.some((item) => item.node === name)));
});

const hint = "its numbers are not 32-bit floats; `--to fp32` makes them so";

describe("weights in half precision", () => {
  for (const [name, more] of [["as weights only", { form: "fp16" }], ["throughout", halves]] as const) {
    test(`${name}: other forms leave them and say why; as floats again, they are quantized`, async (t) => {
      const { target } = await quantize(t, twoLayers(), more);
      for (const form of ["int8", "int8-weights", "int4", "int8-static"] as const) {
        const left = await quantizeAgain(target, { form, force: true });
        assert.deepEqual(left.report.skipped.filter(({ node: item }) => item === "first" || item === "second").map(({ reason }) => reason), [hint, hint], form);
        assert.deepEqual(left.report.weights, []);
      }
      const back = await quantizeAgain(target, { form: "fp32", target: target.replace(".onnx", ".fp32.onnx") });
      assert.ok(readModel(back.target).graph.initializer.every(({ dataType }) => elementType(dataType) !== "float16"));
      assert.deepEqual(back.report.weights.map(({ weight, form }) => `${weight} ${form}`).sort().slice(-2), ["w1 fp32", "w2 fp32"]);
      assert.ok(cosine(back.report) > 0.99999 && back.report.comparison.outputs.every(({ largest }) => (largest ?? 1) < 0.01));
      for (const form of ["int8", "int8-weights", "int4", "int8-static"] as const) {
        const { report } = await quantizeAgain(back.target, { form, force: true, reduceRange: true });
        assert.equal(report.weights.length, 2, form);
        assert.ok(cosine(report) > 0.99, `${form}: ${cosine(report)}`);
      }
    });
  }

  test("a model whose inputs and outputs are halves takes them still; sub-graphs follow, and what is kept stays", async (t) => {
    const own = model(graph({
      nodes: [node("MatMul", ["x", "w"], ["h"], {}, { name: "first" }), node("Relu", ["h"], ["r"]), node("MatMul", ["r", "v"], ["y"], {}, { name: "second" })],
      inputs: [value("x", "float16", [1, 48])], outputs: [value("y", "float16", [1, 8])],
      initializers: [["w", 48, 16] as const, ["v", 16, 8] as const].map(([name, rows, columns]) => tensor(name, "float16", [rows, columns], Uint16Array.from({ length: rows * columns }, (_, at) => 0x2c00 + (at % 900)))),
    }));
    const calibration = join(folder(t), "inputs.jsonl");
    writeFileSync(calibration, JSON.stringify({ inputs: { x: { type: "float16", shape: [1, 48], data: Array.from({ length: 48 }, (_, at) => at / 48) } } }));
    for (const keep of [[], ["first"], ["v"]]) {
      const { report, target } = await quantize(t, own, { form: "fp32", keep, calibration });
      assert.deepEqual([storedType(target, "w"), storedType(target, "v")], [keep[0] === "first" ? "float16" : "float32", keep[0] === "v" ? "float16" : "float32"]);
      assert.ok(cosine(report) > 0.9999);
    }
    const inBranches = await quantize(t, branches(), halves);
    const { report, operators } = await quantizeAgain(inBranches.target, { form: "fp32" });
    assert.ok(cosine(report) > 0.9999 && operators.includes("If"));
  });
});

describe("a file of weights beside the target", () => {
  const put = (home: string, name: string, content: ModelProto): string => {
    writeFileSync(join(home, name), modelBytes(content));
    return join(home, name);
  };

  test("is not written over without --force, whosever it is", async (t) => {
    const home = folder(t);
    const source = put(home, "model.onnx", twoLayers());
    const target = join(home, "new.onnx");
    writeFileSync(`${target}_data`, "of another model");
    await assert.rejects(quantizeFile(request(source, { form: "int8", target }), labHere), (error) => error instanceof InfernoError && error.code === "usage" && /new\.onnx_data is there already/.test(error.message));
    assert.deepEqual([readFileSync(`${target}_data`, "utf8"), existsSync(target)], ["of another model", false]);
  });

  test("goes with the model that is replaced, and stays where it is of another", async (t) => {
    const home = folder(t);
    const source = put(home, "model.onnx", twoLayers());
    const target = join(home, "new.onnx");
    writeModel(readModel(source), target, { external: "always" });
    assert.ok(existsSync(`${target}_data`));
    await quantizeFile(request(source, { form: "int8", target, force: true }), labHere);
    assert.ok(!existsSync(`${target}_data`));
    writeFileSync(`${target}_data`, "of another model");
    await quantizeFile(request(source, { form: "int8", target, force: true }), labHere);
    assert.equal(readFileSync(`${target}_data`, "utf8"), "of another model");
  });
});

test("8 bits are 7 where this processor's sums saturate, unless one says otherwise", async (t) => {
  const saturated = await labHere.ask({ kind: "saturates" }, { signal: labHere.signal });
  const { report } = await quantize(t, twoLayers(), { form: "int8", reduceRange: null });
  assert.equal(report.reduceRange, saturated);
  assert.ok(cosine(report) > 0.999, String(cosine(report)));
  for (const reduceRange of [true, false]) assert.equal((await quantize(t, twoLayers(), { form: "int8", reduceRange })).report.reduceRange, reduceRange);
  assert.equal((await quantize(t, twoLayers(), { form: "int4", reduceRange: null })).report.reduceRange, null);
});

test("weights that are constants become halves too, as some exporters write all of them", async (t) => {
  const size = 32;
  const numbers = Float32Array.from({ length: size * size }, (_, index) => Math.sin(index) / 7);
  const constants = model(graph({
    nodes: [node("Constant", [], ["w"], { value: tensor("", "float32", [size, size], numbers) }), node("MatMul", ["x", "w"], ["y"], {}, { name: "product" })],
    inputs: [value("x", "float32", ["batch", size])], outputs: [value("y", "float32", ["batch", size])],
  }));
  const { report, target } = await quantize(t, constants, { form: "fp16" });
  assert.deepEqual(report.weights.map(({ weight, form }) => `${weight} ${form}`), ["w fp16"]);
  assert.ok(report.target.bytes < report.source.bytes * 0.6 && cosine(report) > 0.999999);
  assert.ok(readModel(target).graph.initializer.some(({ dataType }) => elementType(dataType) === "float16"));
});
