import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tensorTypes, type TensorData, type TensorType } from "../../../../../protocol/infer.ts";
import { fromTensorData, toTensorData } from "../../../../../runtime/backends/onnx/tensor-data.ts";

const bytesOf: Readonly<Record<Exclude<TensorType, "string">, number>> = {
  float32: 4, float16: 2, float64: 8, int8: 1, uint8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, int64: 8, uint64: 8, bool: 1,
};

const tensorData = fc.record({ type: fc.constantFrom(...tensorTypes), shape: fc.array(fc.nat(4), { maxLength: 4 }) }).chain(({ type, shape }): fc.Arbitrary<TensorData> => {
  const size = shape.reduce((product, length) => product * length, 1);
  if (type === "string") return fc.array(fc.string(), { minLength: size, maxLength: size }).map((data) => ({ type, shape, data }));
  const length = size * bytesOf[type];
  return fc.uint8Array({ minLength: length, maxLength: length, max: type === "bool" ? 1 : 255 }).map((data) => ({ type, shape, data }));
});

test("bytes of any type and shape come back as they went, from wherever they lie", () => {
  fc.assert(fc.property(tensorData, fc.nat(7), (sent, shift) => {
    // In the middle of a message, on an odd byte, as a Buffer: whose `slice` copies nothing.
    const message = Buffer.alloc(shift + sent.data.length, 7);
    if (sent.data instanceof Uint8Array) message.set(sent.data, shift);
    const moved = sent.data instanceof Uint8Array ? { ...sent, data: message.subarray(shift) } : sent;
    const back = toTensorData(fromTensorData("x", moved));
    assert.deepEqual({ ...back, data: [...back.data] }, { ...sent, data: [...sent.data] });
  }));
});

test("a tensor does not change with the message that it came in", () => {
  const message = Buffer.from([1, 2]);
  const tensor = fromTensorData("x", { type: "uint8", shape: [2], data: message });
  message.fill(9);
  assert.deepEqual([...tensor.data], [1, 2]);
});

test("type, shape and data that do not agree are the request's error, with its name", () => {
  const bad: readonly (readonly [TensorData, RegExp])[] = [
    [{ type: "float32", shape: [2], data: new Uint8Array(7) }, /^The tensor "x" of float32 and shape \[2\] needs 8 bytes, and 7 are there\.$/],
    [{ type: "int64", shape: [-1], data: new Uint8Array() }, /size -1/],
    [{ type: "int64", shape: [1.5], data: new Uint8Array(12) }, /size 1\.5/],
    [{ type: "uint8", shape: [2 ** 53], data: new Uint8Array() }, /size 9007199254740992/],
    [{ type: "uint8", shape: [2 ** 30, 2 ** 30], data: new Uint8Array(1) }, /needs 1152921504606847000 bytes/],
    [{ type: "bool", shape: [2], data: Uint8Array.of(1, 2) }, /byte other than 0 and 1/],
    [{ type: "string", shape: [2], data: ["a"] }, /needs 2 texts/],
    [{ type: "string", shape: [1], data: new Uint8Array(1) }, /needs 1 texts/],
    [{ type: "float32", shape: [1], data: ["1"] }, /needs 4 bytes/],
  ];
  for (const [data, message] of bad) assert.throws(() => fromTensorData("x", data), { code: "tensor_mismatch", param: "x", message });
});
