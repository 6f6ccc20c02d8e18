import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { mulberry32 } from "../../../../base/random.ts";
import { DifferenceSum } from "../../../../runtime/backends/onnx/lab/difference.ts";
import type { Observation } from "../../../../runtime/backends/onnx/lab/questions.ts";
import { float32 } from "../../../../runtime/backends/onnx/tensors.ts";
import { balance } from "../../../../runtime/quantize/balance.ts";
import { rangeMethods, rangeOf } from "../../../../runtime/quantize/calibrate.ts";
import { lossOf } from "../../../../runtime/quantize/kernels/loss.ts";
import { matcher, selects } from "../../../../runtime/quantize/pattern.ts";
import { keptChannels } from "../../../../runtime/quantize/prune.ts";

describe("balancing channels", () => {
  const random = mulberry32(3);
  const [k, n] = [128, 32];
  const matrix = Float32Array.from({ length: k * n }, () => random() - 0.5);
  const channels = (scale: (channel: number) => number) => {
    const high = Float32Array.from({ length: k }, (_, channel) => scale(channel));
    return { low: high.map((value) => -value), high, meanSquare: high.map((value) => value * value / 9), rowShare: 1 };
  };

  test("one channel fifty times the others goes apart, and most of the rounding with it", () => {
    const found = balance(channels((channel) => (channel === 5 ? 50 : 1)), [matrix]);
    assert.ok(found !== null && found.apart.includes(5) && found.noise < 0.1, String(found?.noise));
  });

  test("channels that are moderately uneven are only divided", () => {
    const found = balance(channels((channel) => 1 + (channel % 4)), [matrix]);
    assert.ok(found !== null && found.apart.length === 0);
    assert.ok((found.factors[3] ?? 0) > (found.factors[0] ?? 0), "larger channels are divided by more");
  });

  test("what it answers is never worse than nothing, whatever the channels", () => {
    fc.assert(fc.property(fc.float32Array({ min: 0, max: 1000, noNaN: true, minLength: k, maxLength: k }), (high) => {
      const found = balance(channels((channel) => high[channel] ?? 0), [matrix]);
      assert.ok(found === null || (found.noise < 1 && found.factors.every((factor) => factor > 0 && Number.isFinite(factor))));
    }), { numRuns: 20 });
  });
});

describe("ranges from observations", () => {
  const seen = (low: number, high: number, counts: (bin: number) => number): Observation => ({
    name: "x", low, high, histogram: Float64Array.from({ length: 2048 }, (_, bin) => counts(bin)),
    channels: { low: new Float32Array(1), high: new Float32Array(1), meanSquare: new Float32Array(1), rowShare: 1 },
  });

  test("all lie within what was seen", () => {
    fc.assert(fc.property(fc.constantFrom(...rangeMethods), fc.array(fc.nat(1000), { minLength: 2048, maxLength: 2048 }), (method, counts) => {
      const { low, high } = rangeOf(seen(-3, 5, (bin) => counts[bin] ?? 0), method);
      assert.ok(low >= -3 && high <= 5 && low < high);
    }), { numRuns: 20 });
  });

  test("a lone value far out is clipped by percentile and entropy, not by min-max", () => {
    const lone = seen(-1, 100, (bin) => (bin < 41 ? 10_000 * (bin + 1) : bin === 2047 ? 1 : 0));
    assert.equal(rangeOf(lone, "min-max").high, 100);
    assert.ok(rangeOf(lone, "percentile").high < 2);
    assert.ok(rangeOf(lone, "entropy").high < 50);
  });
});

test("patterns: stars, question marks, and nothing else is special", () => {
  assert.deepEqual(["lm_head.weight", "lm_head", "xlm_head"].map(matcher(["lm_head*"])), [true, true, false]);
  assert.deepEqual(["a.b", "axb", "a.bc"].map(matcher(["a.?"])), [true, false, false]);
  fc.assert(fc.property(fc.string(), (name) => matcher([name.replaceAll(/[*?]/g, "?")])(name)));
  const chosen = selects({ keep: ["*head*"], only: ["/model/*"] });
  assert.deepEqual([chosen("/model/a", "w"), chosen("/model/head", "w"), chosen("/other", "w"), chosen("/other", "/model/w")], [true, false, false, true]);
});

test("the strongest channels stay, in order, their number a multiple of eight where there are enough", () => {
  fc.assert(fc.property(fc.float64Array({ min: 0, max: 1, noNaN: true, minLength: 2, maxLength: 200 }), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (scores, ratio) => {
    const kept = keptChannels(scores, ratio);
    const weakest = Math.min(...kept.map((channel) => scores[channel] ?? 0));
    assert.ok(kept.length >= 1 && kept.length <= scores.length && kept.every((channel, index) => index === 0 || channel > (kept[index - 1] ?? 0)));
    assert.ok(scores.every((score, channel) => kept.includes(channel) || score <= weakest));
    if (kept.length >= 16) assert.equal(kept.length % 8, 0);
  }));
});

describe("differences of outputs", () => {
  const difference = (before: readonly number[], after: readonly number[]) => {
    const sum = new DifferenceSum("y");
    assert.ok(sum.add(float32(Float32Array.from(before), [before.length]), float32(Float32Array.from(after), [after.length])));
    return sum.result();
  };

  test("the same, the opposite, and a right angle", () => {
    assert.deepEqual(difference([3, 4], [3, 4]), { output: "y", largest: 0, relative: 0, cosine: 1 });
    assert.deepEqual(difference([3, 4], [-3, -4]), { output: "y", largest: 8, relative: 2, cosine: -1 });
    assert.equal(difference([1, 0], [0, 1]).cosine, 0);
  });

  test("equal infinities do not count, a NaN on one side does", () => {
    assert.deepEqual(difference([-Infinity, 2], [-Infinity, 2]), { output: "y", largest: 0, relative: 0, cosine: 1 });
    for (const wrong of [NaN, Infinity]) assert.deepEqual(difference([1, 2], [wrong, 2]), { output: "y", largest: null, relative: null, cosine: 0 });
  });

  test("a share of nothing is no number, and nothing stays nothing", () => {
    assert.deepEqual(difference([0, 0], [0, 2]), { output: "y", largest: 2, relative: null, cosine: 0 });
    assert.deepEqual(difference([0, 0], [0, 0]), { output: "y", largest: 0, relative: 0, cosine: 1 });
  });

  test("other shapes and types cannot be compared", () => {
    assert.equal(new DifferenceSum("y").add(float32(new Float32Array(2), [2]), float32(new Float32Array(3), [3])), false);
    assert.equal(new DifferenceSum("y").add(float32(new Float32Array(6), [2, 3]), float32(new Float32Array(6), [3, 2])), false);
    assert.equal(new DifferenceSum("y").add(float32(new Float32Array(2), [2]), { type: "float64", shape: [2], data: new Float64Array(2) }), false);
  });
});

test("what a weight lost is a number, whatever the weight holds", () => {
  assert.deepEqual(lossOf(Float32Array.of(NaN, Infinity, 3, 4), Float32Array.of(NaN, Infinity, 3, 4)), { relative: 0, largest: 0 });
  assert.deepEqual(lossOf(Float32Array.of(Infinity, 4), Float32Array.of(Infinity, 3)), { relative: 0.25, largest: 1 });
});
