import assert from "node:assert/strict";
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { TensorProto_DataLocation, TensorProtoSchema, type TensorProto } from "onnx-buf";
import { model, tensor } from "../../../../runtime/onnx-file/build.ts";
import { bitsOf, byteLength, dataType, elementType, elementTypes, type ElementType } from "../../../../runtime/onnx-file/element.ts";
import { externalEntries } from "../../../../runtime/onnx-file/external.ts";
import { readModel } from "../../../../runtime/onnx-file/model.ts";
import { readTensor, toFloat32, type TensorView } from "../../../../runtime/onnx-file/tensor.ts";
import { linear, put, temporaryFolder } from "./files.ts";

function viewOf(t: TestContext, item: TensorProto): TensorView {
  const read = readModel(put(temporaryFolder(t), "a.onnx", model({ ...linear(), initializer: [...linear().initializer, item] })));
  return readTensor(read, read.graph.initializer[2]!);
}

const typed = (type: ElementType, dims: number[], fields: MessageInitShape<typeof TensorProtoSchema>): TensorProto =>
  Object.assign(create(TensorProtoSchema, fields), { name: "t", dataType: dataType(type), dims: dims.map(BigInt) });

test("element types have names both ways, and sizes", () => {
  for (const type of elementTypes) assert.equal(elementType(dataType(type)), type);
  assert.equal(elementType(0), undefined);
  assert.equal(byteLength("int4", 5), 3);
  assert.equal(byteLength("float16", 5), 10);
  assert.equal(bitsOf("string"), 0);
});

test("raw data of any type and length is read as it was stored", (t) => {
  const arrays = { float32: Float32Array, float64: Float64Array, float16: Uint16Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array, int32: Int32Array, uint32: Uint32Array } as const;
  for (const [type, array] of Object.entries(arrays)) {
    // Above and below the size that stays in the graph, and of odd length before it.
    for (const length of [3, 2000]) {
      const values = array.from(Array.from({ length }, (_, index) => index % 100));
      assert.deepEqual(viewOf(t, tensor("odd", type as ElementType, [length], values)).values, values);
    }
  }
  const longs = BigInt64Array.of(-1n, 2n ** 62n);
  assert.deepEqual(viewOf(t, tensor("l", "int64", [2], longs)).values, longs);
});

test("so is data in the fields for people", (t) => {
  assert.deepEqual([...viewOf(t, typed("float32", [2], { floatData: [1, 0.5] })).values], [1, 0.5]);
  assert.deepEqual([...viewOf(t, typed("float64", [1], { doubleData: [0.1] })).values], [0.1]);
  assert.deepEqual([...viewOf(t, typed("int8", [2], { int32Data: [-1, 127] })).values], [-1, 127]);
  assert.deepEqual([...viewOf(t, typed("bool", [2], { int32Data: [1, 0] })).values], [1, 0]);
  assert.deepEqual([...viewOf(t, typed("int64", [1], { int64Data: [-5n] })).values], [-5n]);
  assert.deepEqual([...viewOf(t, typed("uint32", [1], { uint64Data: [4_000_000_000n] })).values], [4_000_000_000]);
  assert.deepEqual([...toFloat32(viewOf(t, typed("float16", [2], { int32Data: [0x3c00, 0xc000] })))], [1, -2]);
});

test("numbers below a byte come out one by one, the lowest bits first", (t) => {
  assert.deepEqual([...toFloat32(viewOf(t, tensor("n", "int4", [3], Uint8Array.of(0xf1, 0x08))))], [1, -1, -8]);
  assert.deepEqual([...toFloat32(viewOf(t, tensor("n", "uint4", [3], Uint8Array.of(0xf1, 0x08))))], [1, 15, 8]);
  assert.deepEqual([...toFloat32(viewOf(t, tensor("n", "int2", [4], Uint8Array.of(0b11_10_01_00))))], [0, 1, -2, -1]);
});

test("text has no view", (t) => {
  assert.throws(() => viewOf(t, typed("string", [1], { stringData: [Uint8Array.of(97)] })), { code: "model_file_invalid" });
});

test("weights far into a file of several gigabytes", (t) => {
  const folder = temporaryFolder(t);
  const far = 5 * 2 ** 30;
  // A file with a hole takes no room for it.
  const descriptor = openSync(join(folder, "far.bin"), "w");
  ftruncateSync(descriptor, far);
  writeSync(descriptor, new Uint8Array(Float32Array.of(1.5, -2).buffer), 0, 8, far);
  closeSync(descriptor);
  const outside = typed("float32", [2], { externalData: externalEntries({ location: "far.bin", offset: far, length: 8 }), dataLocation: TensorProto_DataLocation.EXTERNAL });
  const read = readModel(put(folder, "a.onnx", model({ ...linear(), initializer: [...linear().initializer, outside] })));
  assert.deepEqual([...readTensor(read, read.graph.initializer[2]!).values], [1.5, -2]);
});
