import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { fromHalves, toHalves } from "../../../base/halves.ts";

const half = (value: number): number => fromHalves(toHalves(new Float32Array([value])).bits)[0]!;

describe("half precision", () => {
  test("every half there is survives both ways", () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter((bits) => (bits & 0x7c00) !== 0x7c00);
    assert.deepEqual(toHalves(fromHalves(all)).bits, all);
  });

  test("numbers go to the nearer of their two neighbours", () => {
    fc.assert(fc.property(fc.float({ min: -65_504, max: 65_504, noNaN: true }), (value) => {
      const { bits } = toHalves(new Float32Array([value]));
      const here = fromHalves(bits)[0]!;
      const around = fromHalves(Uint16Array.of((bits[0]! & 0x7fff) === 0 ? bits[0]! : bits[0]! - 1, bits[0]! + 1));
      for (const other of around) if (Number.isFinite(other)) assert.ok(Math.abs(value - here) <= Math.abs(value - other), `${value}: ${here}, not ${other}`);
    }), { numRuns: 1000 });
  });

  test("halfway, the even one", () => {
    assert.deepEqual([2049, 2051, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 3 * 2 ** -25].map(half), [2048, 2052, 1, 1 + 2 ** -9, 0, 2 ** -23]);
  });

  test("too large and too small ones are counted; what is infinite stays so", () => {
    const { bits, overflowed, vanished } = toHalves(new Float32Array([65_519, 65_520, -1e10, 1e-9, 0, Infinity, NaN]));
    assert.deepEqual([overflowed, vanished], [2, 1]);
    assert.deepEqual([...fromHalves(bits)], [65_504, 65_504, -65_504, 0, 0, Infinity, NaN]);
  });
});
