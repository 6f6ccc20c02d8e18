import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { blocksPerColumn, dequantizeBlocks, quantizeBlocks, type BlockShape } from "../../../../../runtime/quantize/kernels/blocks.ts";

const cases = fc.record({
  k: fc.integer({ min: 1, max: 100 }), n: fc.integer({ min: 1, max: 4 }), size: fc.constantFrom(16, 32, 128), bits: fc.constantFrom<4 | 8>(4, 8),
}).chain((shape) => fc.tuple(fc.constant(shape), fc.float32Array({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 66), max: 2 ** 66, minLength: shape.k * shape.n, maxLength: shape.k * shape.n })));

describe("blocks as MatMulNBits wants them", () => {
  test("no value is further off than its block's step, and the sizes are those of the operator", () => {
    fc.assert(fc.property(cases, fc.boolean(), ([shape, columns], symmetric) => {
      const blocks = quantizeBlocks(columns, shape, symmetric);
      const perColumn = blocksPerColumn(shape);
      assert.equal(blocks.data.length, (shape.n * perColumn * shape.size * shape.bits) / 8);
      assert.equal(blocks.scales.length, shape.n * perColumn);
      assert.equal(blocks.zeroPoints?.length ?? null, symmetric ? null : shape.n * Math.ceil((perColumn * shape.bits) / 8));
      const back = dequantizeBlocks(blocks, shape);
      columns.forEach((value, i) => {
        const step = Math.abs(blocks.scales[Math.floor(i / shape.k) * perColumn + Math.floor((i % shape.k) / shape.size)]!);
        // The symmetric grid lacks the level opposite its largest value: up to a whole step there.
        assert.ok(Math.abs(value - back[i]!) <= 1.0001 * step + 1e-6 * Math.abs(value), `${value} became ${String(back[i])}`);
      });
    }));
  });

  test("layout: the first of two values lies in the low half of a byte; a column's rest is filled with the level of zero", () => {
    const shape: BlockShape = { k: 3, n: 1, size: 16, bits: 4 };
    const { data, scales } = quantizeBlocks(new Float32Array([-8, 7, 1]), shape, true);
    assert.deepEqual([...scales], [1]);
    assert.deepEqual([...data], [0xf0, 0x89, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88]);
  });

  test("zero points of a column's blocks share bytes, and each column begins a new one", () => {
    const shape: BlockShape = { k: 48, n: 2, size: 16, bits: 4 };
    const columns = Float32Array.from({ length: 96 }, (_, i) => (i % 16) - Math.floor(i / 16) - 1);
    const { zeroPoints } = quantizeBlocks(columns, shape, false);
    assert.deepEqual([...zeroPoints!], [0x21, 0x03, 0x54, 0x06]);
  });

  test("values that lie on the levels come back as they were", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -8, max: 7 }), { minLength: 32, maxLength: 32 }), (levels) => {
      const columns = Float32Array.from([-8, ...levels.slice(1)], (level) => level / 4);
      const shape: BlockShape = { k: 32, n: 1, size: 32, bits: 4 };
      assert.deepEqual(dequantizeBlocks(quantizeBlocks(columns, shape, true), shape), columns);
    }));
  });

  test("blocks of zeros are zeros", () => {
    const shape: BlockShape = { k: 32, n: 1, size: 32, bits: 4 };
    for (const symmetric of [true, false]) assert.ok(dequantizeBlocks(quantizeBlocks(new Float32Array(32), shape, symmetric), shape).every((value) => value === 0));
  });
});
