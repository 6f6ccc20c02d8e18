import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { plainLogMel } from "../../../../../../runtime/backends/onnx/audio/log-mel.ts";
import { MelFrames } from "../../../../../../runtime/backends/onnx/audio/mel.ts";
import { MelWindows, SampleWindows } from "../../../../../../runtime/backends/onnx/audio/sliding-windows.ts";
import { sine } from "./sounds.ts";

const samples = sine(300, 16_000, 2000);
const mels = 4;

/** Says how many frames were computed. */
class Counting extends MelFrames {
  computed = 0;

  override energies(...asked: Parameters<MelFrames["energies"]>): ReturnType<MelFrames["energies"]> {
    this.computed += 1;
    return super.energies(...asked);
  }
}

const frames = (hop: number): Counting => new Counting({ sampleRate: 16_000, mels, fft: 64, hop });

test("windows of frames are those of the sound, in any order", () => {
  fc.assert(fc.property(fc.array(fc.nat(2100), { maxLength: 6 }), fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 9 }), fc.boolean(), (starts, hop, count, framesLast) => {
    const windows = new MelWindows(samples, frames(hop), count, framesLast);
    for (const start of starts) {
      const tensor = new Float32Array(3 + mels * count);
      windows.write(start, tensor, 3);
      for (let frame = 0; frame < count; frame += 1) {
        plainLogMel(frames(hop), samples, start + frame * hop).forEach((level, mel) => assert.equal(tensor[3 + (framesLast ? mel * count + frame : frame * mels + mel)], level));
      }
    }
  }), { numRuns: 100 });
});

test("in their order each frame is computed once", () => {
  const counting = frames(20);
  const windows = new MelWindows(samples, counting, 10, false);
  const tensor = new Float32Array(10 * mels);
  for (let start = 0; start < 1000; start += 40) windows.write(start, tensor, 0);
  // The first window has 10, each of the other 24 has two new ones.
  assert.equal(counting.computed, 10 + 24 * 2);
});

test("windows of samples end in silence", () => {
  const tensor = new Float32Array(14);
  new SampleWindows(samples, 10).write(1995, tensor, 2);
  assert.deepEqual([...tensor], [0, 0, ...samples.subarray(1995), 0, 0, 0, 0, 0, 0, 0]);
});
