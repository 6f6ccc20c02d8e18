import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { channelView, transpose, type ChannelView } from "../../../../../runtime/quantize/kernels/channels.ts";
import { dequantize, symmetricInt8, uint8Grid } from "../../../../../runtime/quantize/kernels/int8.ts";

const floats = fc.float32Array({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 99), max: 2 ** 99, minLength: 24, maxLength: 24 });
const views = fc.constantFrom<ChannelView>(channelView([2, 3, 4], 0), channelView([2, 3, 4], 1), channelView([2, 3, 4], -1), channelView([24], 0), { outer: 1, channels: 1, inner: 24 });
const channelOf = ({ channels, inner }: ChannelView, index: number): number => Math.floor(index / inner) % channels;
/** Half a step, and what single precision adds to numbers of this size. */
const near = (a: number, b: number, step: number): boolean => Math.abs(a - b) <= 0.5001 * step + 1e-6 * Math.abs(a);

describe("eight-bit numbers", () => {
  test("symmetric: no value is further off than half a step of its channel", () => {
    fc.assert(fc.property(floats, views, fc.constantFrom<63 | 127>(63, 127), (values, view, limit) => {
      const { quantized, scales } = symmetricInt8(values, view, limit);
      const back = dequantize(quantized, scales, null, view);
      assert.equal(scales.length, view.channels);
      values.forEach((value, i) => assert.ok(near(value, back[i]!, scales[channelOf(view, i)]!), `${value} became ${String(back[i])}`));
      assert.ok(quantized.every((level) => Math.abs(level) <= limit));
    }));
  });

  test("symmetric: each channel's largest value takes the last level, whatever the others hold", () => {
    const { quantized, scales } = symmetricInt8(new Float32Array([1, -2, 1000, 10]), channelView([2, 2], 0));
    assert.deepEqual([...quantized], [64, -127, 127, 1]);
    assert.deepEqual([...scales], [Math.fround(2 / 127), Math.fround(1000 / 127)]);
  });

  test("with zero points: no value of the range is further off than half a step, and zero stays zero", () => {
    fc.assert(fc.property(floats, (values) => {
      values[5] = 0;
      const { scale, zeroPoint } = uint8Grid(Math.min(...values), Math.max(...values));
      const levels = values.map((value) => Math.max(0, Math.min(255, Math.round(value / scale) + zeroPoint)));
      const back = dequantize(levels, [scale], [zeroPoint], { outer: 1, channels: 1, inner: values.length });
      // The rounding of the zero point moves both ends of the range by up to half a step.
      values.forEach((value, i) => assert.ok(near(value, back[i]!, 2 * scale), `${value} became ${String(back[i])}`));
      assert.equal(back[5], 0);
    }));
  });

  test("a range of zeros, or too small for a step, becomes zeros and no NaN", () => {
    for (const value of [0, 1e-45]) {
      const values = new Float32Array(4).fill(value);
      const view = channelView([1, 4], 0);
      const signed = symmetricInt8(values, view);
      assert.deepEqual([...dequantize(signed.quantized, signed.scales, null, view)], [0, 0, 0, 0]);
      assert.deepEqual(uint8Grid(0, value), { scale: 1, zeroPoint: 0 });
    }
  });

  test("the grid of a range that does not hold zero is widened to it", () => {
    assert.deepEqual(uint8Grid(1, 51), { scale: Math.fround(51 / 255), zeroPoint: 0 });
    assert.deepEqual(uint8Grid(-51, -1), { scale: Math.fround(51 / 255), zeroPoint: 255 });
  });
});

test("a transposed matrix, transposed again, is the matrix", () => {
  fc.assert(fc.property(floats, fc.constantFrom(1, 2, 3, 4, 6, 24), (values, rows) => {
    const turned = transpose(values, rows, 24 / rows);
    assert.equal(turned[1], values[rows === 1 ? 1 : 24 / rows]);
    assert.deepEqual(transpose(turned, 24 / rows, rows), Float32Array.from(values));
  }));
});
