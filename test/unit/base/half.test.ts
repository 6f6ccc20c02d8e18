import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { halfToNumber, numberToHalf } from "../../../base/half.ts";

test("every half is a number that becomes the same half again", () => {
  for (let bits = 0; bits < 0x10000; bits += 1) {
    const value = halfToNumber(bits);
    if (Number.isNaN(value)) assert.ok(Number.isNaN(halfToNumber(numberToHalf(value))));
    else assert.equal(numberToHalf(value), bits, `${bits.toString(16)} is ${value}`);
  }
});

test("known values", () => {
  assert.deepEqual([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400].map(halfToNumber), [1, -2, 65504, 2 ** -24, 2 ** -14]);
  assert.equal(numberToHalf(65520), 0x7c00, "half way beyond the largest is infinite");
  assert.equal(numberToHalf(65519), 0x7bff);
  assert.equal(numberToHalf(2 ** -25), 0, "a tie goes to the even one");
  assert.equal(numberToHalf(-1e-9), 0x8000);
});

test("property: no other half is nearer", () => {
  fc.assert(fc.property(fc.float({ noNaN: true, min: -60000, max: 60000 }), (value) => {
    const bits = numberToHalf(value);
    const error = Math.abs(halfToNumber(bits) - value);
    for (const other of [bits - 1, bits + 1]) {
      if ((other & 0x7fff) < 0x7c00 && (other & 0x8000) === (bits & 0x8000)) assert.ok(error <= Math.abs(halfToNumber(other & 0xffff) - value));
    }
  }));
});
