import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { TensorProto_DataLocation, type GraphProto, type TensorProto } from "onnx-buf";
import { InfernoError } from "../../../../protocol/errors.ts";
import { graph, model, modelBytes, node, tensor, value } from "../../../../runtime/onnx-file/build.ts";
import { externalEntries } from "../../../../runtime/onnx-file/external.ts";
import { readModel } from "../../../../runtime/onnx-file/model.ts";
import { countElements } from "../../../../runtime/onnx-file/shape.ts";
import { writeModel } from "../../../../runtime/onnx-file/write.ts";
import { branching, linear, put, ramp, temporaryFolder } from "./files.ts";

const invalid = (what: RegExp) => (error: unknown): boolean => {
  assert.ok(error instanceof InfernoError, String(error));
  assert.equal(error.code, "model_file_invalid");
  assert.match(error.message, what);
  return true;
};

test("large weights stay in the file, small ones come with the graph", (t) => {
  const path = put(temporaryFolder(t), "a.onnx", model(linear()));
  const { graph: read, bytes } = readModel(path);
  assert.deepEqual(read.node.map(({ opType }) => opType), ["MatMul", "Add", "Relu"]);
  const [w, b] = read.initializer;
  assert.equal(w?.rawData.length, 0);
  assert.deepEqual(Object.fromEntries(w.externalData.map(({ key, value: text }) => [key, text])).length, "4096");
  assert.equal(b?.rawData.length, 128);
  assert.equal(bytes, readFileSync(path).length);
});

test("so do those of branches", (t) => {
  const { graph: read } = readModel(put(temporaryFolder(t), "a.onnx", branching()));
  const [thenBranch] = read.node[0]!.attribute;
  assert.equal(thenBranch?.g?.node[0]?.attribute[0]?.t?.dataLocation, TensorProto_DataLocation.EXTERNAL);
});

test("what is missing, a folder or no model says so", (t) => {
  const folder = temporaryFolder(t);
  for (const path of [join(folder, "none.onnx"), folder]) assert.throws(() => readModel(path), { code: "model_file_missing" });
  for (const bytes of [new Uint8Array(0), new TextEncoder().encode("GGUF\u0003\0\0\0"), new TextEncoder().encode("<!doctype html><title>404</title>"), new Uint8Array(4096)]) {
    assert.throws(() => readModel(put(folder, "bad.onnx", bytes)), invalid(/bad\.onnx: /));
  }
});

const noPipes = spawnSync("mkfifo", ["--version"]).status === 0 ? false : "there are no named pipes";

test("a pipe is not waited for", { skip: noPipes }, (t) => {
  const path = join(temporaryFolder(t), "pipe.onnx");
  assert.equal(spawnSync("mkfifo", [path]).status, 0);
  assert.throws(() => readModel(path), { code: "model_file_missing", message: /is not a file/ });
});

test("a file cut off anywhere is refused", (t) => {
  const folder = temporaryFolder(t);
  const bytes = modelBytes(branching());
  for (let length = 0; length < bytes.length - 60; length += 97) {
    assert.throws(() => readModel(put(folder, "cut.onnx", bytes.subarray(0, length))), invalid(/cut\.onnx: /), `${length} of ${bytes.length} bytes`);
  }
});

test("flipped bytes give a model or a typed error, never another", (t) => {
  const folder = temporaryFolder(t);
  const good = modelBytes(branching());
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
    const bytes = good.slice();
    for (const [at, byte] of changes) bytes[at] = byte;
    try {
      readModel(put(folder, "flipped.onnx", bytes));
    } catch (error) {
      assert.ok(error instanceof InfernoError && error.code === "model_file_invalid", String(error));
    }
  }), { numRuns: 300 });
});

test("sizes beyond the file are refused before memory is taken", (t) => {
  const folder = temporaryFolder(t);
  // Field 7 (the graph), of four gigabytes.
  assert.throws(() => readModel(put(folder, "a.onnx", Uint8Array.of(0x08, 0x0a, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f))), invalid(/claims 4294967295 bytes/));
  const huge = tensor("w", "float32", [2, 2], [1, 2, 3, 4]);
  huge.dims = [1_000_000n, 1_000_000n];
  assert.throws(() => readModel(put(folder, "b.onnx", model({ ...linear(), initializer: [huge, linear().initializer[1]!] }))), invalid(/"w" of shape \[1000000, 1000000\]/));
  huge.dims = [2n ** 40n, 2n ** 40n];
  assert.throws(() => readModel(put(folder, "c.onnx", model({ ...linear(), initializer: [huge, linear().initializer[1]!] }))), invalid(/which no memory holds/));
});

test("a shape of any number of dimensions, and a name of any length, take no time and no screen", (t) => {
  const folder = temporaryFolder(t);
  const refused = (main: GraphProto, what: RegExp): void => assert.throws(() => readModel(put(folder, "a.onnx", model(main))), (error) => {
    assert.ok(invalid(what)(error) && error instanceof InfernoError);
    return error.message.length < folder.length + 1100;
  });
  const [weight, bias] = linear().initializer as [TensorProto, TensorProto];
  const shaped = (dims: readonly bigint[], name = "w"): GraphProto => ({ ...linear(), initializer: [{ ...weight, name, dims: [...dims] }, bias] });
  refused(shaped(Array.from({ length: 40_000 }, () => 2n ** 62n)), /"w" has 40000 dimensions/);
  refused(shaped(Array.from({ length: 65 }, () => 1n)), /"w" has 65 dimensions/);
  refused(shaped(Array.from({ length: 64 }, () => 2n ** 62n)), /\[4611686018427387904(, 4611686018427387904){7}, … 64 dimensions\], which no memory holds/);
  refused(shaped([2n ** 40n, 2n ** 40n, 0n]), /needs 0 bytes, and 4096 are there/);
  refused(shaped([-1n], "w"), /shape \[-1\]/);
  refused({ ...linear(), node: [...linear().node, node("Relu", ["n".repeat(1e6)], ["z"])] }, /reads "n+…$/);
  refused({ ...linear(), input: [value("x", "float32", Array.from({ length: 40_000 }, () => 1))] }, /"x" has 40000 dimensions/);
});

test("the number of elements is the product of the sizes, wherever it can be told", () => {
  fc.assert(fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 30n }), { maxLength: 6 }), (dims) => {
    const exact = dims.reduce((product, dim) => product * dim, 1n);
    assert.equal(countElements(dims), exact > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(exact));
  }));
});

test("circles name the nodes in them", (t) => {
  const folder = temporaryFolder(t);
  const circle = model(graph({
    nodes: [node("Add", ["x", "b"], ["a"], {}, { name: "one" }), node("Relu", ["a"], ["b"], {}, { name: "two" }), node("Relu", ["b"], ["y"], {}, { name: "three" })],
    inputs: [value("x", "float32", [1])], outputs: [value("y", "float32", [1])],
  }));
  assert.throws(() => readModel(put(folder, "circle.onnx", circle)), invalid(/goes in a circle: the node "(one|two)" .* → the node "(one|two)"/));
});

test("a circle through a branch is one too", (t) => {
  const inner = graph({ name: "inner", nodes: [node("Relu", ["y"], ["z"])], outputs: [value("z", "float32", [1])] });
  const circle = model(graph({ nodes: [node("If", ["yes"], ["y"], { then_branch: inner, else_branch: inner })], inputs: [value("yes", "bool", [])], outputs: [value("y", "float32", [1])] }));
  assert.throws(() => readModel(put(temporaryFolder(t), "a.onnx", circle)), invalid(/circle/));
});

test("values from nowhere, made twice, and graphs without end", (t) => {
  const folder = temporaryFolder(t);
  const outputs = [value("y", "float32", [1])];
  const one = (nodes: ReturnType<typeof node>[]) => put(folder, "a.onnx", model(graph({ nodes, outputs })));
  assert.throws(() => readModel(one([node("Relu", ["x"], ["y"], {}, { name: "n" })])), invalid(/the node "n" \(Relu\) reads "x"/));
  assert.throws(() => readModel(one([node("Relu", [], ["z"])])), invalid(/as its output, reads "y"/));
  assert.throws(() => readModel(one([node("Relu", [], ["y"]), node("Sin", [], ["y"])])), invalid(/type Sin makes "y"/));
  for (const [deep, pattern] of [[40, /deeper than 32/], [400, /deeper|depth/]] as const) {
    let nest = graph({ name: "core", nodes: [node("Relu", ["x"], ["y"])], outputs });
    for (let depth = 0; depth < deep; depth++) nest = graph({ nodes: [node("If", ["yes"], ["y"], { then_branch: nest })], outputs, inputs: [value("yes", "bool", []), value("x", "float32", [1])] });
    assert.throws(() => readModel(put(folder, "deep.onnx", model(nest))), invalid(pattern));
  }
});

function apart(location: string, length = 4096, offset = 0): TensorProto {
  const outside = tensor("w", "float32", [32, 32], []);
  outside.dataLocation = TensorProto_DataLocation.EXTERNAL;
  outside.externalData = externalEntries({ location, offset, length });
  return outside;
}

test("weights beside the model: missing, cut, in other folders", (t) => {
  const folder = temporaryFolder(t);
  const pathOf = (w: TensorProto): string => put(folder, "a.onnx", model({ ...linear(), initializer: [w, tensor("b", "float32", [32], ramp(32))] }));
  assert.throws(() => readModel(pathOf(apart("w.bin"))), { code: "model_file_missing", message: /weights of "w" lie in "w\.bin", which is not there/ });
  assert.doesNotThrow(() => readModel(pathOf(apart("w.bin")), { data: "ignore" }));
  put(folder, "w.bin", new Uint8Array(4095));
  assert.throws(() => readModel(pathOf(apart("w.bin"))), invalid(/end at byte 4096 of "w\.bin", which has 4095/));
  put(folder, "w.bin", new Uint8Array(8192));
  assert.doesNotThrow(() => readModel(pathOf(apart("w.bin", 4096, 4096))));
  assert.throws(() => readModel(pathOf(apart("w.bin", 4000))), invalid(/needs 4096 bytes, and 4000/));
  for (const location of ["../w.bin", "a/../../w.bin", "/etc/hostname", "C:\\w.bin", "\\\\host\\w.bin", "..\\w.bin", ""]) {
    assert.throws(() => readModel(pathOf(apart(location))), invalid(/not a file in the model's own folder/), location);
  }
  const twice = apart("w.bin");
  twice.externalData.push(...externalEntries({ location: "../w.bin", offset: 0, length: null }));
  assert.throws(() => readModel(pathOf(twice)), invalid(/two values for location/));
  const strange = apart("w.bin");
  strange.externalData[1]!.value = "-1";
  assert.throws(() => readModel(pathOf(strange)), invalid(/the offset "-1"/));
});

test("weights that are cut off after they were written are noticed", (t) => {
  const folder = temporaryFolder(t);
  const { path, dataPath } = writeModel(readModel(put(folder, "a.onnx", branching())), join(folder, "b.onnx"), { external: "always" });
  assert.ok(dataPath !== null);
  appendFileSync(dataPath, "more is no harm");
  assert.doesNotThrow(() => readModel(path));
  truncateSync(dataPath, 5000);
  assert.throws(() => readModel(path), invalid(/truncated/));
});
