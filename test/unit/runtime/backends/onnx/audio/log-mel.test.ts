import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fft } from "../../../../../../runtime/backends/onnx/audio/fft.ts";
import { centredLogMel, plainLogMel } from "../../../../../../runtime/backends/onnx/audio/log-mel.ts";
import { melBands, MelFrames } from "../../../../../../runtime/backends/onnx/audio/mel.ts";
import { sine } from "./sounds.ts";

/** By the definition, one sum for each frequency. */
function slowPower(samples: Float64Array): Float64Array {
  const size = samples.length;
  return Float64Array.from({ length: Math.floor(size / 2) + 1 }, (_, bin) => {
    let [real, imaginary] = [0, 0];
    samples.forEach((sample, index) => {
      real += sample * Math.cos(2 * Math.PI * bin * index / size);
      imaginary += sample * Math.sin(2 * Math.PI * bin * index / size);
    });
    return real ** 2 + imaginary ** 2;
  });
}

test("the transform is the definition's, for sizes of any factors", () => {
  fc.assert(fc.property(fc.constantFrom(1, 2, 3, 7, 12, 25, 64, 97, 150, 400, 512), fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })), (size, stream) => {
    const samples = Float64Array.from(stream.take(size));
    const expected = slowPower(samples);
    new Fft(size).power(samples).forEach((value, bin) => assert.ok(Math.abs(value - expected[bin]!) < 1e-9 * size, `size ${size}, bin ${bin}`));
  }), { numRuns: 60 });
});

const whisper = { sampleRate: 16_000, mels: 80, fft: 400, hop: 160 };

test("bands are Slaney's: a straight line to 1 kHz, equal areas, peaks of one after the other", () => {
  const bands = melBands(whisper);
  assert.equal(bands.length, 80);
  // 45.245 mel from 0 to 8 kHz; the first band's middle is 1/81 of that, at 37.24 Hz, so bin 1 (40 Hz) lies just after its peak.
  const width = (15 + Math.log(8) / (Math.log(6.4) / 27)) / 81 * (200 / 3);
  const expected = ((2 * width - 40) / width) * 2 / (2 * width);
  assert.ok(Math.abs(bands[0]!.weights[0]! - expected) < 1e-12 && bands[0]!.first === 1);
  // Where bands are many bins wide, each has an area of 1 (times the 40 Hz between bins).
  const last = bands[79]!.weights.reduce((sum, weight) => sum + weight, 0) * 40;
  assert.ok(Math.abs(last - 1) < 0.02, `area ${last}`);
});

test("a tone shows in its band", () => {
  const { data, frames } = centredLogMel(new MelFrames(whisper), sine(1000, 16_000, 16_000), 16_000);
  assert.equal(frames, 100);
  const column = Array.from({ length: 80 }, (_, mel) => data[mel * frames + 50]!);
  const loudest = column.indexOf(Math.max(...column));
  // 1 kHz is 15 mel of 45.245, that is 26.9 of 81 steps; bands count from the first step.
  assert.equal(loudest, 26);
});

test("features are those of the definition", () => {
  const samples = Float32Array.from({ length: 1600 }, (_, index) => 0.3 * Math.sin(index * index / 900));
  const { data, frames } = centredLogMel(new MelFrames(whisper), samples, 1600);
  const padded = (at: number): number => samples[at < 0 ? -at : at >= 1600 ? 2 * 1599 - at : at]!;
  const bands = melBands(whisper);
  const levels = new Float32Array(80 * frames);
  for (let frame = 0; frame < frames; frame += 1) {
    const power = slowPower(Float64Array.from({ length: 400 }, (_, index) => (0.5 - 0.5 * Math.cos(2 * Math.PI * index / 400)) * padded(frame * 160 - 200 + index)));
    bands.forEach(({ first, weights }, mel) => {
      levels[mel * frames + frame] = Math.log10(Math.max(1e-10, weights.reduce((sum, weight, index) => sum + weight * power[first + index]!, 0)));
    });
  }
  const loudest = levels.reduce((most, level) => Math.max(most, level), -Infinity);
  data.forEach((value, index) => assert.ok(Math.abs(value - (Math.max(levels[index]!, loudest - 8) + 4) / 4) < 1e-5));
});

test("silence is the floor, and shorter sound is filled up with it", () => {
  const { data, frames } = centredLogMel(new MelFrames(whisper), new Float32Array(10), 3200);
  assert.equal(frames, 20);
  assert.ok(data.every((value) => value === Math.fround((-10 + 4) / 4)));
});

test("plain features: natural logarithms of a frame's energies, with silence behind the end", () => {
  const frames = new MelFrames({ sampleRate: 16_000, mels: 4, fft: 512, hop: 160, low: 100, high: 4000 });
  assert.deepEqual([511, 512, 671, 672].map((length) => frames.count(length)), [0, 1, 1, 2]);
  const samples = sine(500, 16_000, 900);
  const levels = plainLogMel(frames, samples, 160);
  frames.energies(samples, 160).forEach((energy, mel) => assert.equal(levels[mel], Math.fround(Math.log(energy + 1e-6))));
  assert.ok(levels[0]! > levels[3]!, "500 Hz is in the lowest band");
  const longer = new Float32Array(2000);
  longer.set(samples);
  assert.deepEqual(plainLogMel(frames, samples, 700), plainLogMel(frames, longer, 700));
  assert.deepEqual(plainLogMel(frames, samples, 1000), plainLogMel(frames, new Float32Array(512), 0));
});
