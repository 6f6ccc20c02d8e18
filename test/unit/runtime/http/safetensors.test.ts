import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { tensorTypes, type TensorData, type TensorType } from "../../../../protocol/infer.ts";
import { elementBytes, readSafetensors, writeSafetensors } from "../../../../runtime/http/safetensors.ts";

const types = tensorTypes.filter((type): type is Exclude<TensorType, "string"> => type !== "string");

const tensor = fc.tuple(fc.constantFrom(...types), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })).chain(([type, shape]) => {
  const length = shape.reduce((product, size) => product * size, 1) * elementBytes[type];
  return fc.uint8Array({ minLength: length, maxLength: length }).map((data): TensorData => ({ type, shape, data }));
});
const tensors = fc.dictionary(fc.string({ minLength: 1 }).filter((name) => name !== "__metadata__" && name !== "__proto__"), tensor, { maxKeys: 6 });

suite("safetensors", () => {
  test("property: what is written is read again, and tensors begin at multiples of eight", () => {
    fc.assert(fc.property(tensors, (given) => {
      const file = writeSafetensors(given);
      assert.equal(new DataView(file.buffer).getUint32(0, true) % 8, 0);
      const read = readSafetensors(file).tensors;
      assert.deepEqual(Object.keys(read), Object.keys(given));
      for (const [name, each] of Object.entries(given)) assert.deepEqual({ ...read[name] }, each);
    }));
  });

  test("property: any bytes give tensors or a typed error", () => {
    fc.assert(fc.property(tensors, fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }), fc.nat(20), (given, flips, cut) => {
      const file = writeSafetensors(given);
      for (const [at, byte] of flips) if (at < file.length) file[at] = byte;
      try {
        readSafetensors(file.subarray(0, Math.max(0, file.length - cut)));
      } catch (error) {
        assert.equal((error as { code?: string }).code, "invalid_request");
      }
    }));
  });

  test("what is wrong is said", () => {
    const bad = (bytes: Uint8Array, message: RegExp) => assert.throws(() => readSafetensors(bytes), { code: "invalid_request", message });
    bad(new Uint8Array(3), /has 3 bytes/);
    bad(new Uint8Array([255, 255, 255, 255, 255, 255, 255, 127, 0]), /header is said to have 9223372036854775807 bytes, of 1/);
    const header = (text: string) => new Uint8Array([text.length, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(text)]);
    bad(header("[]"), /not a JSON object/);
    bad(header('{"a":{"dtype":"F8","shape":[],"data_offsets":[0,0]}}'), /"a" has the type F8; there are F64, F32/);
    bad(header('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}'), /its shape and type take 8/);
    assert.throws(() => writeSafetensors({ a: { type: "string", shape: [1], data: ["x"] } }), { code: "invalid_request" });
  });
});
