import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { TensorJson } from "../../../protocol/api/infer.ts";
import { tensorJson, tensorOf } from "../../../runtime/tensor-json.ts";

const of = (type: TensorJson["type"], data: TensorJson["data"], shape = [data.length]) => tensorOf({ type, shape, data }, "inputs.x");

suite("tensors as JSON", () => {
  test("property: values of every type come back", () => {
    const cases = [
      fc.record({ type: fc.constant("float64" as const), data: fc.array(fc.double({ noDefaultInfinity: true, noNaN: true })) }),
      fc.record({ type: fc.constant("float32" as const), data: fc.array(fc.float({ noDefaultInfinity: true, noNaN: true })) }),
      fc.record({ type: fc.constant("int8" as const), data: fc.array(fc.integer({ min: -128, max: 127 })) }),
      fc.record({ type: fc.constant("uint32" as const), data: fc.array(fc.integer({ min: 0, max: 0xffff_ffff })) }),
      fc.record({ type: fc.constant("bool" as const), data: fc.array(fc.boolean()) }),
      fc.record({ type: fc.constant("string" as const), data: fc.array(fc.string()) }),
    ];
    fc.assert(fc.property(fc.oneof(...cases), ({ type, data }) => {
      const tensor = of(type, data);
      assert.deepEqual(tensorJson(tensor, "json").data, data.map((value) => (Object.is(value, -0) ? -0 : value)));
      if (type !== "string") assert.deepEqual(of(type, tensorJson(tensor, "base64").data, [data.length]), tensor);
    }));
  });

  test("numbers that JSON cannot hold are texts", () => {
    assert.deepEqual(tensorJson(of("int64", ["9223372036854775807", -5]), "json").data, ["9223372036854775807", -5]);
    assert.deepEqual(tensorJson(of("float32", ["NaN", "-Infinity", 1]), "json").data, ["NaN", "-Infinity", 1]);
  });

  test("what a type cannot hold is refused by its place", () => {
    const refused = (type: TensorJson["type"], data: TensorJson["data"], message: RegExp, shape?: number[]) =>
      assert.throws(() => of(type, data, shape), { code: "tensor_mismatch", message });
    refused("int64", ["9223372036854775808"], /inputs\.x\.data\.0: "9223372036854775808" is no int64/);
    refused("uint8", [1, 256], /data\.1: 256 is no uint8/);
    refused("int32", [1.5], /1\.5 is no int32/);
    refused("float32", ["one"], /"one" is no float32/);
    refused("float32", [1, 2], /takes 6 values, these are 2/, [2, 3]);
    refused("float32", ["constructor"], /"constructor" is no float32/);
    refused("uint8", "!!AQID##", /not base64/, [3]);
    refused("float32", "AAAA", /takes 4 bytes, these are 3/, [1]);
    assert.throws(() => TensorJson.parse({ type: "float8", shape: [], data: [] }));
  });
});
