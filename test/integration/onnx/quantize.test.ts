import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { getEventListeners } from "node:events";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { InfernoError } from "../../../protocol/errors.ts";
import { askLab } from "../../../runtime/backends/onnx/lab/ask.ts";
import { graph, model, modelBytes, node, value } from "../../../runtime/onnx-file/build.ts";
import { readModel } from "../../../runtime/onnx-file/model.ts";
import { writeModel } from "../../../runtime/onnx-file/write.ts";
import { quantizeFile, type Lab, type QuantizeReport, type QuantizeRequest } from "../../../runtime/quantize/quantize.ts";
import { branches, gated, image, twoLayers, weights } from "../../unit/runtime/quantize/small-models.ts";
import { cosine, count, folder, quantize, request } from "./quantized.ts";

const lab: Lab = { ask: askLab, signal: new AbortController().signal, onProgress: () => undefined };

describe("a small model in other forms computes nearly the same", () => {
  const cases: readonly [string, Partial<QuantizeRequest>, number, readonly string[]][] = [
    // With all eight bits sums saturate on processors without VNNI; with seven they are the same everywhere.
    ["INT8", { form: "int8" }, 0.995, ["DynamicQuantizeLinear", "MatMulInteger"]],
    ["INT8 with channels as they are", { form: "int8", balance: false }, 0.998, ["DynamicQuantizeLinear", "MatMulInteger"]],
    ["INT8 with seven bits", { form: "int8", reduceRange: true }, 0.999, ["MatMulInteger"]],
    ["INT8 weights", { form: "int8-weights" }, 0.9999, ["DequantizeLinear"]],
    ["INT4 weights in blocks of 32", { form: "int4" }, 0.99, ["MatMulNBits"]],
    ["INT4 weights in blocks of 128, with zero points", { form: "int4", block: 128, asymmetric: true }, 0.98, ["MatMulNBits"]],
    ["FP16 weights", { form: "fp16" }, 0.999999, ["Cast"]],
    ["FP16 throughout", { form: "fp16", wholeGraph: true }, 0.9999, ["Cast"]],
    ["static INT8 with seven bits", { form: "int8-static", reduceRange: true }, 0.999, ["QuantizeLinear", "DequantizeLinear"]],
    ["static INT8", { form: "int8-static" }, 0.998, ["QuantizeLinear", "DequantizeLinear"]],
    ["static INT8 without the outermost values", { form: "int8-static", method: "percentile" }, 0.998, ["QuantizeLinear"]],
    ["static INT8 by entropy", { form: "int8-static", method: "entropy" }, 0.99, ["QuantizeLinear"]],
  ];
  for (const [name, more, least, expected] of cases) {
    test(name, async (t) => {
      const { report, operators } = await quantize(t, twoLayers(), more);
      assert.ok(cosine(report) > least && cosine(report) < 1 - 1e-12, `cosine ${cosine(report)}`);
      for (const operator of expected) assert.ok(operators.includes(operator), operators.join(" "));
      assert.ok(report.target.bytes < report.source.bytes);
    });
  }

  test("weights in branches of If, shared with the main graph or transposed, are quantized where they are", async (t) => {
    for (const form of ["int8", "int8-weights", "int4", "fp16", "int8-static"] as const) {
      const { report, operators } = await quantize(t, branches(), { form });
      assert.ok(cosine(report) > 0.99, `${form}: ${cosine(report)}`);
      if (form === "int8") assert.deepEqual([count(operators, "MatMulInteger"), count(operators, "MatMul")], [3, 0]);
      if (form === "int4") assert.deepEqual([count(operators, "MatMulNBits"), count(operators, "MatMul")], [3, 0]);
      // The shared one once; the other with the name that it has in its branch.
      if (form === "int4") assert.deepEqual(report.weights.map(({ weight }) => weight).sort(), ["v", "w"]);
    }
  });

  test("convolutions with their activation become integers as a whole; embeddings by rows", async (t) => {
    // Seven bits, so that the sums are the same with and without VNNI.
    const pictures = await quantize(t, image(), { form: "int8-static", reduceRange: true });
    assert.ok(cosine(pictures.report) > 0.999, String(cosine(pictures.report)));
    assert.equal(count(pictures.operators, "QuantizeLinear"), 3);
    const texts = await quantize(t, gated(), { form: "int8", reduceRange: true });
    assert.ok(cosine(texts.report) > 0.99, String(cosine(texts.report)));
    assert.equal(texts.report.weights.find(({ weight }) => weight === "table")?.form, "int8 rows");
  });

  test("and back: INT4 and INT8 weights as floats again compute the same", async (t) => {
    for (const form of ["int4", "int8-weights"] as const) {
      const { target } = await quantize(t, twoLayers(), { form });
      const report = await quantizeFile(request(target, { form: "fp32" }), lab);
      assert.ok(cosine(report) > 0.9999, `${form}: ${cosine(report)}`);
      const operators = readModel(report.target.path).graph.node.map(({ opType }) => opType);
      assert.ok(!operators.includes("MatMulNBits") && !operators.includes("DequantizeLinear"), operators.join(" "));
    }
  });

  test("weights that lie beside the model, and patterns that leave nodes out", async (t) => {
    const path = join(folder(t), "model.onnx");
    writeFileSync(path, modelBytes(twoLayers()));
    const apart = join(folder(t), "apart.onnx");
    writeModel(readModel(path), apart, { external: "always" });
    const report = await quantizeFile(request(apart, { form: "int8", keep: ["w1"], only: ["*"] }), lab);
    assert.deepEqual(report.weights.map(({ weight }) => weight), ["w2"]);
    assert.deepEqual(report.skipped, [{ node: "first", reason: "left out by --keep or --only" }]);
  });
});

describe("pruning", () => {
  test("a third of a gated network's channels goes, from all weights and biases, and its part in the loss is told", async (t) => {
    const { report, target } = await quantize(t, gated(), { prune: 0.3 });
    const [network] = report.pruned?.networks ?? [];
    assert.deepEqual([network?.name, network?.channels, network?.kept], ["down", 64, 48]);
    assert.ok((network?.lost ?? 1) < 0.25 && (network?.lost ?? 0) > 0, "the weakest channels go");
    // The only network there is: pruned alone it does what the pruned model does.
    assert.ok(Math.abs((network?.sensitivity?.cosine ?? 0) - cosine(report)) < 1e-5);
    const shapes = readModel(target).graph.initializer.map(({ dims }) => dims.join("x")).sort();
    assert.deepEqual(shapes, ["1000x16", "16x48", "16x48", "48", "48x16"]);
  });

  test("a Gemm whose bias has a row for each row of the input is left alone; one row for all is pruned", async (t) => {
    for (const rows of [1, 4]) {
      const biased = model(graph({
        nodes: [node("Gemm", ["x", "w1", "b1"], ["h"], {}, { name: "first" }), node("Relu", ["h"], ["r"]), node("MatMul", ["r", "w2"], ["y"], {}, { name: "second" })],
        inputs: [value("x", "float32", [4, 48])], outputs: [value("y", "float32", [4, 16])],
        initializers: [weights("w1", [48, 64]), weights("b1", [rows, 64], 3), weights("w2", [64, 16], 2)],
      }));
      if (rows === 1) assert.equal((await quantize(t, biased, { prune: 0.25 })).report.pruned?.networks[0]?.kept, 48);
      else await assert.rejects(quantize(t, biased, { prune: 0.25 }), /no feed-forward networks that can be pruned/);
    }
  });

  test("with quantization after it; a Gemm's transposed weight and bias follow", async (t) => {
    const { report } = await quantize(t, twoLayers(), { prune: 0.25, form: "int8" });
    assert.equal(report.pruned?.networks[0]?.kept, 48);
    assert.ok(cosine(report) > 0.8);
  });
});

describe("what goes wrong", () => {
  const refuses = async (t: TestContext, more: Partial<QuantizeRequest>, code: string, model = twoLayers()): Promise<void> => {
    const home = folder(t);
    const path = join(home, "model.onnx");
    writeFileSync(path, modelBytes(model));
    writeFileSync(join(home, "taken.onnx"), "");
    await assert.rejects(quantizeFile(request(path, { ...more, ...(more.target !== undefined && { target: join(home, more.target) }) }), lab), (error) => error instanceof InfernoError && error.code === code);
    assert.deepEqual(readdirSync(home).sort(), ["model.onnx", "taken.onnx"], "nothing is left behind");
  };

  test("a file that is there is not replaced", async (t) => await refuses(t, { form: "int8", target: "taken.onnx" }, "usage"));
  test("the original is not replaced, whatever is asked", async (t) => await refuses(t, { form: "int8", target: "model.onnx", force: true }, "usage"));
  test("operators that are too old", async (t) => await refuses(t, { form: "int8" }, "model_file_invalid", twoLayers(9)));
  test("nothing to prune", async (t) => await refuses(t, { prune: 0.5 }, "model_file_invalid", image()));
  test("a data set that is none", async (t) => {
    const file = join(folder(t), "inputs.jsonl");
    writeFileSync(file, '{"inputs": {"x": {"shape": [1, 48], "data": [1]}}}\n');
    await refuses(t, { form: "int8", calibration: file }, "tensor_mismatch");
    writeFileSync(file, "x\n");
    await refuses(t, { form: "int8", calibration: file }, "invalid_request");
  });

  test("a command that is interrupted leaves nothing", async (t) => {
    const home = folder(t);
    const path = join(home, "model.onnx");
    writeFileSync(path, modelBytes(twoLayers()));
    for (const when of ["observe", "weights", "compare"]) {
      const abort = new AbortController();
      const interrupted: Lab = { ask: askLab, signal: abort.signal, onProgress: (phase) => phase === when && abort.abort() };
      await assert.rejects(quantizeFile(request(path, { form: "int8" }), interrupted), { name: "AbortError" });
      assert.deepEqual(readdirSync(home), ["model.onnx"], when);
    }
  });
});

test("a question to the lab leaves nothing at the signal", async () => {
  const { signal } = new AbortController();
  await assert.rejects(askLab({ kind: "observe", model: "/none.onnx", inputs: [], values: [], bins: 0, threads: 1 }, { signal }), InfernoError);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("the command: report, JSON, exit codes", (t) => {
  const home = folder(t);
  const path = join(home, "model.onnx");
  writeFileSync(path, modelBytes(twoLayers()));
  const run = (...args: string[]) => spawnSync(process.execPath, ["runtime/cli/main.ts", "quantize", path, "--rounds", "1", ...args], { cwd: join(import.meta.dirname, "../../.."), encoding: "utf8" });
  const first = run("--to", "int8");
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /model\.int8\.onnx[^]*COSINE[^]*times as fast[^]*made up/);
  assert.ok(existsSync(join(home, "model.int8.onnx")));
  assert.match(run("--to", "int8").stderr, /is there already/);
  const again = run("--to", "int8", "--force", "--json");
  assert.equal((JSON.parse(again.stdout) as QuantizeReport).weights.length, 2);
  assert.equal(run("--to", "int3").status, 2);
  assert.equal(run().status, 2);
});
