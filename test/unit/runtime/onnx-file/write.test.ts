import assert from "node:assert/strict";
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { float, graph, model, modelBytes, node, tensor, value } from "../../../../runtime/onnx-file/build.ts";
import { allTensors, mapTensors } from "../../../../runtime/onnx-file/graphs.ts";
import { readModel } from "../../../../runtime/onnx-file/model.ts";
import { readBytes, readTensor } from "../../../../runtime/onnx-file/tensor.ts";
import { withRawData, writeModel } from "../../../../runtime/onnx-file/write.ts";
import { branching, linear, put, ramp, temporaryFolder } from "./files.ts";

test("what is read and written is the same model, byte for byte", (t) => {
  const folder = temporaryFolder(t);
  for (const source of [branching(), model(linear(), { domains: { "com.microsoft": 1 }, metadata: { a: "b" } })]) {
    const { path, dataPath } = writeModel(readModel(put(folder, "a.onnx", source)), join(folder, "b.onnx"));
    assert.equal(dataPath, null);
    assert.equal(readFileSync(path, "hex"), Buffer.from(modelBytes(source)).toString("hex"));
  }
});

test("fields that nobody knows are kept", (t) => {
  const folder = temporaryFolder(t);
  // Field 1000, three bytes.
  const strange = Uint8Array.of(0xc2, 0x3e, 3, 7, 8, 9);
  const path = put(folder, "a.onnx", Buffer.concat([modelBytes(model(linear())), strange]));
  const written = readFileSync(writeModel(readModel(path), join(folder, "b.onnx")).path);
  assert.deepEqual(fromBinary(ModelProtoSchema, written).$unknown?.map(({ no }) => no), [1000]);
});

test("weights in a file of their own: aligned, and the same", (t) => {
  const folder = temporaryFolder(t);
  const read = readModel(put(folder, "a.onnx", branching()));
  const { path, dataPath } = writeModel(read, join(folder, "b.onnx"), { external: "always" });
  assert.equal(dataPath, join(folder, "b.onnx_data"));
  const again = readModel(path);
  const [before, after] = [[...allTensors(read.message)], [...allTensors(again.message)]];
  assert.equal(before.length, 2);
  assert.deepEqual(after.map((item) => readBytes(again, item)), before.map((item) => readBytes(read, item)));
  assert.deepEqual(after.map((item) => item.externalData.map(({ value: text }) => text)), [["b.onnx_data", "0", "4096"], ["b.onnx_data", "4096", "4096"]]);
  // And back into one file, which is the first one again.
  const whole = writeModel(again, join(folder, "c.onnx"), { external: "never" });
  assert.equal(readFileSync(whole.path, "hex"), readFileSync(read.path, "hex"));
});

test("changed tensors are written, the source keeps its own", (t) => {
  const folder = temporaryFolder(t);
  const read = readModel(put(folder, "a.onnx", model(linear())));
  const zeros = { ...read, message: mapTensors(read.message, (item) => withRawData(item, new Uint8Array(readBytes(read, item).length))) };
  for (const external of ["never", "always"] as const) {
    const again = readModel(writeModel(zeros, join(folder, `${external}.onnx`), { external }).path);
    assert.deepEqual(readTensor(again, again.graph.initializer[0]!).values, new Float32Array(1024));
  }
  assert.deepEqual(readTensor(read, read.graph.initializer[0]!).values, ramp(1024));
});

test("weights of a type that is not known yet are copied all the same", (t) => {
  const folder = temporaryFolder(t);
  const [w, b] = linear().initializer;
  const source = model({ ...linear(), initializer: [{ ...w!, dataType: 99 }, b!] });
  const read = readModel(put(folder, "a.onnx", source));
  const { path } = writeModel(readModel(writeModel(read, join(folder, "b.onnx"), { external: "always" }).path), join(folder, "c.onnx"));
  assert.equal(readFileSync(path, "hex"), Buffer.from(modelBytes(source)).toString("hex"));
});

test("never over the source, nor over its weights", (t) => {
  const folder = temporaryFolder(t);
  const source = readModel(put(folder, "a.onnx", model(linear())));
  const apart = readModel(writeModel(source, join(folder, "b.onnx"), { external: "always" }).path);
  symlinkSync(source.path, join(folder, "link.onnx"));
  assert.throws(() => writeModel(source, source.path), { code: "usage" });
  assert.throws(() => writeModel(source, join(folder, "link.onnx")), { code: "usage" });
  assert.throws(() => writeModel(apart, join(folder, "b.onnx_data")), { code: "usage" });
  assert.deepEqual(readModel(source.path).graph.node.length, 3);
});

test("a target that cannot be written leaves nothing behind", (t) => {
  const folder = temporaryFolder(t);
  const source = readModel(put(folder, "a.onnx", model(linear())));
  const broken = { ...source, message: mapTensors(source.message, (item) => ({ ...item, dims: [5n] })) };
  assert.throws(() => writeModel(broken, join(folder, "b.onnx"), { external: "always" }), { code: "model_file_invalid" });
  assert.throws(() => writeModel(source, join(folder, "none", "b.onnx")), { code: "home_unwritable", message: /none.* cannot be written/ });
  assert.deepEqual(readdirSync(folder), ["a.onnx"]);
});

test("attributes take the types that ONNX knows", () => {
  const constant = tensor("c", "int64", [1], [1]);
  const { attribute } = node("Anything", [], [], {
    i: 1, f: 0.5, one: float(1), s: "text", ints: [1, 2], floats: [1, 0.5], strings: ["a"], t: constant, g: graph({ nodes: [], outputs: [value("y", "float32", null)] }), none: [], bits: Float32Array.of(1),
  });
  assert.deepEqual(Object.fromEntries(attribute.map(({ name, type }) => [name, type])), { i: 2, f: 1, one: 1, s: 3, ints: 7, floats: 6, strings: 8, t: 4, g: 5, none: 7, bits: 6 });
  assert.throws(() => tensor("h", "float16", [1], [1]), TypeError);
});
