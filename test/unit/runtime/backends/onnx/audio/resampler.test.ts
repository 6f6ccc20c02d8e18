import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { closeRatio, Resampler } from "../../../../../../runtime/backends/onnx/audio/resampler.ts";
import { joined } from "../../../../../../runtime/backends/onnx/audio/sound.ts";
import { amplitudeOf, sine } from "./sounds.ts";

const whole = (samples: Float32Array, from: number, to: number): Float32Array => {
  const resampler = new Resampler(from, to);
  return joined([resampler.push(samples), resampler.end()]);
};
const rates = [8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 44_099, 48_000, 96_000];
const aRate = fc.constantFrom(...rates);

test("a tone that both rates can carry keeps its height and its level", () => {
  fc.assert(fc.property(aRate, aRate, fc.double({ min: 0.05, max: 0.75, noNaN: true }), (from, to, share) => {
    const hertz = share * Math.min(from, to) / 2;
    const found = whole(sine(hertz, from, from / 5), from, to);
    const middle = found.subarray(Math.floor(found.length / 4), Math.floor(found.length * 3 / 4));
    const level = amplitudeOf(middle, hertz, to);
    assert.ok(Math.abs(level - 0.5) < 0.02, `${hertz} Hz from ${from} to ${to}: ${level}`);
  }), { numRuns: 60 });
});

test("a tone above half of the new rate does not fold over", () => {
  for (const hertz of [8200, 9000, 12_000, 20_000]) {
    const found = whole(sine(hertz, 44_100, 22_050), 44_100, 16_000).subarray(1000, 7000);
    const loudest = found.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    assert.ok(loudest < 0.5e-3, `${hertz} Hz leaves ${loudest}`);
  }
});

test("a constant stays what it is", () => {
  const found = whole(new Float32Array(5000).fill(0.25), 22_050, 16_000);
  for (const sample of found.subarray(100, -100)) assert.ok(Math.abs(sample - 0.25) < 1e-6);
});

test("as many samples as the time has", () => {
  fc.assert(fc.property(fc.constantFrom(8000, 16_000, 44_100, 48_000), aRate.filter((rate) => rate !== 44_099), fc.nat(3000), (from, to, length) => {
    assert.equal(whole(new Float32Array(length), from, to).length, Math.ceil(length * to / from));
  }));
});

test("pieces of any size give what the whole gives, also across saved states", () => {
  fc.assert(fc.property(aRate, aRate, fc.array(fc.nat(700), { minLength: 1, maxLength: 12 }), (from, to, sizes) => {
    const samples = sine(300, from, sizes.reduce((sum, size) => sum + size, 0));
    const expected = new Resampler(from, to).push(samples);
    const parts: Float32Array[] = [];
    let resampler = new Resampler(from, to);
    let at = 0;
    for (const size of sizes) {
      parts.push(resampler.push(samples.subarray(at, at + size)));
      at += size;
      assert.ok(from === to || Resampler.accepts(from, to, resampler.state));
      resampler = new Resampler(from, to, resampler.state);
    }
    assert.deepEqual(joined(parts), expected);
  }), { numRuns: 60 });
});

test("ratios are exact where they are short, and close where they are not", () => {
  assert.deepEqual(closeRatio(16_000, 44_100, 1280), [160, 441]);
  assert.deepEqual(closeRatio(48_000, 16_000, 1280), [3, 1]);
  fc.assert(fc.property(fc.integer({ min: 1000, max: 384_000 }), fc.integer({ min: 1000, max: 192_000 }), (from, to) => {
    const [up, down] = closeRatio(to, from, 1280);
    assert.ok(up >= 1 && up <= 1280 && down >= 1);
    assert.ok(Math.abs(up / down / (to / from) - 1) < 1e-3);
  }));
});
