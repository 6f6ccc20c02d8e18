import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readSound } from "../../../../../../runtime/backends/onnx/audio/sound.ts";
import { amplitudeOf, fixture, sine, wavFile } from "./sounds.ts";

const rate = 16_000;
const read = (bytes: Uint8Array, limits?: { bytes: number; seconds: number }): Promise<Float32Array> => readSound({ kind: "file", bytes }, rate, limits);

/** Encoders alter the level a little; the right channel of all but FLAC is silent, so that the mean has half of the left's 0.5. */
const tones = { "tone.mp3": 0.25, "tone.ogg": 0.25, "tone.opus": 0.25, "tone.flac": 0.5 } as const;

for (const [name, amplitude] of Object.entries(tones)) {
  test(`${name}: a quarter of a second of 440 Hz`, async () => {
    const samples = await read(fixture(name));
    assert.ok(Math.abs(samples.length / rate - 0.25) < 0.05, `${samples.length} samples`);
    const found = amplitudeOf(samples.subarray(800, 3200), 440, rate);
    assert.ok(Math.abs(found - amplitude) < 0.05, `amplitude ${found}`);
  });

  test(`${name}: cut off at any place, it is invalid`, async () => {
    const whole = fixture(name);
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: whole.length - 1 }), async (length) => {
      await assert.rejects(read(whole.subarray(0, length)), { name: "InfernoError", code: "media_invalid" });
    }), { numRuns: 60 });
  });

  test(`${name}: limits of bytes and of seconds`, async () => {
    await assert.rejects(read(fixture(name), { bytes: 100, seconds: 100 }), { code: "media_too_large" });
    await assert.rejects(read(fixture(name), { bytes: 1e6, seconds: 0.1 }), { code: "media_too_large" });
  });
}

test("what is no sound is media_invalid", async () => {
  for (const bytes of [new Uint8Array(), new Uint8Array(5000), Buffer.from("hello, this is text"), Buffer.from("ID3 and then nothing"), Buffer.from("OggS"), Buffer.from("fLaC"), Buffer.from("RIFF....WAVE")]) {
    await assert.rejects(read(new Uint8Array(bytes)), { name: "InfernoError", code: "media_invalid" });
  }
});

test("random bytes behind a magic word are media_invalid", async () => {
  const words = ["RIFF    WAVEfmt ", "OggS", "fLaC", "ID3\u0003", "\u00ff\u00fb\u0090"];
  await fc.assert(fc.asyncProperty(fc.constantFrom(...words), fc.uint8Array({ maxLength: 2000 }), async (word, rest) => {
    const bytes = new Uint8Array(Buffer.concat([Buffer.from(word, "latin1"), rest]));
    await assert.rejects(read(bytes), { name: "InfernoError" });
  }), { numRuns: 100 });
});

test("a FLAC header that understates its length does not get past the limit", async () => {
  const bytes = fixture("tone.flac");
  // The 36 bits of the number of samples: none said.
  bytes.fill(0, 22, 26);
  bytes[21]! &= 0xf0;
  await assert.rejects(read(bytes, { bytes: 1e6, seconds: 0.1 }), { code: "media_too_large" });
});

test("a tag in front of FLAC is passed over", async () => {
  const tag = Buffer.from("ID3\u0004\0\0\0\0\0\u0005-----", "latin1");
  assert.equal((await read(new Uint8Array(Buffer.concat([tag, fixture("tone.flac")])))).length, 4000);
});

test("a file in another rate comes out in the model's", async () => {
  const samples = sine(1000, 48_000, 48_000);
  const found = await read(wavFile(new Uint8Array(samples.buffer), { tag: 3, bits: 32, sampleRate: 48_000 }));
  assert.equal(found.length, rate);
  assert.ok(Math.abs(amplitudeOf(found.subarray(1000, 15_000), 1000, rate) - 0.5) < 0.005);
});

test("samples are clipped, and what is no number is refused", async () => {
  assert.deepEqual([...await readSound({ kind: "samples", samples: Float32Array.of(3, -0.5, -7), sampleRate: rate }, rate)], [1, -0.5, -1]);
  await assert.rejects(readSound({ kind: "samples", samples: Float32Array.of(0, NaN), sampleRate: rate }, rate), { code: "media_invalid" });
  await assert.rejects(readSound({ kind: "samples", samples: Float32Array.of(0), sampleRate: 0.5 }, rate), { code: "media_invalid" });
});
