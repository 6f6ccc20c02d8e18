import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../../base/bytes.ts";

type Kind = "u8" | "u16" | "u32" | "f32" | "f64";
const value = fc.oneof(
  fc.record({ kind: fc.constant<Kind>("u8"), value: fc.nat(0xff) }), fc.record({ kind: fc.constant<Kind>("u16"), value: fc.nat(0xffff) }),
  fc.record({ kind: fc.constant<Kind>("u32"), value: fc.nat(0xffff_ffff) }), fc.record({ kind: fc.constant<Kind>("f32"), value: fc.float() }),
  fc.record({ kind: fc.constant<Kind>("f64"), value: fc.double() }), fc.record({ kind: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 40 }) }),
);

test("what was written is read again, whatever room there was at first", () => {
  fc.assert(fc.property(fc.array(value), fc.integer({ min: 1, max: 64 }), (values, capacity) => {
    const out = new ByteWriter(capacity);
    for (const each of values) {
      if (each.kind === "bytes") out.bytes(each.value);
      else out[each.kind](each.value);
    }
    const from = new ByteReader(out.finish());
    for (const each of values) {
      const found = each.kind === "bytes" ? new Uint8Array(from.bytes(each.value.length)) : from[each.kind]();
      assert.deepEqual(found, each.value);
    }
    assert.equal(from.left, 0);
  }));
});

test("reading beyond the end is refused, also in a part of a larger memory, and a claimed number takes no room", () => {
  const part = new Uint8Array(100).subarray(10, 13);
  assert.throws(() => new ByteReader(part).u32(), { name: "RangeError", message: "the bytes end at 3, 4 were to be read" });
  assert.throws(() => new ByteReader(part).bytes(4), { name: "RangeError" });
  const from = new ByteReader(part);
  assert.throws(() => from.many(2 ** 32, 8, () => assert.fail("nothing is read")), { message: "4294967296 values of 8 bytes are said to follow, 3 bytes do" });
  assert.equal(from.u16(), 0);
});
