import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readSound } from "../../../../../../runtime/backends/onnx/audio/sound.ts";
import { wav } from "../../../../../../runtime/http/wav.ts";
import { wavFile, type WavOptions } from "./sounds.ts";

const rate = 16_000;
const read = (bytes: Uint8Array): Promise<Float32Array> => readSound({ kind: "file", bytes }, rate);
const bytesOf = (size: number, write: (buffer: Buffer) => void): Uint8Array => {
  const buffer = Buffer.alloc(size);
  write(buffer);
  return buffer;
};

/** 0.5 and −0.5 in each format. */
const halves: readonly (WavOptions & { readonly data: Uint8Array })[] = [
  { tag: 1, bits: 8, data: Uint8Array.of(192, 64) },
  { tag: 1, bits: 16, data: bytesOf(4, (b) => { b.writeInt16LE(16_384, 0); b.writeInt16LE(-16_384, 2); }) },
  { tag: 1, bits: 24, data: bytesOf(6, (b) => { b.writeIntLE(2 ** 22, 0, 3); b.writeIntLE(-(2 ** 22), 3, 3); }) },
  { tag: 1, bits: 32, data: bytesOf(8, (b) => { b.writeInt32LE(2 ** 30, 0); b.writeInt32LE(-(2 ** 30), 4); }) },
  { tag: 3, bits: 32, data: bytesOf(8, (b) => { b.writeFloatLE(0.5, 0); b.writeFloatLE(-0.5, 4); }) },
  { tag: 3, bits: 64, data: bytesOf(16, (b) => { b.writeDoubleLE(0.5, 0); b.writeDoubleLE(-0.5, 8); }) },
];

for (const { data, ...options } of halves) {
  for (const extensible of [false, true]) {
    test(`WAV of ${options.bits} bits, format ${options.tag}${extensible ? ", extensible" : ""}`, async () => {
      assert.deepEqual([...await read(wavFile(data, { ...options, extensible }))], [0.5, -0.5]);
    });
  }
}

test("two channels become their mean", async () => {
  const data = bytesOf(4, (b) => { b.writeInt16LE(16_384, 0); b.writeInt16LE(-8192, 2); });
  assert.deepEqual([...await read(wavFile(data, { tag: 1, bits: 16, channels: 2 }))], [0.125]);
});

test("what is written is read back within half a step", async () => {
  await fc.assert(fc.asyncProperty(fc.float32Array({ minLength: 1, maxLength: 3000, min: -1, max: 1, noNaN: true }), async (samples) => {
    const back = await read(wav(samples, rate));
    assert.equal(back.length, samples.length);
    // The writer's full scale is 32,767, the reader's 32,768.
    back.forEach((sample, index) => assert.ok(Math.abs(sample - samples[index]!) <= 1.5 / 32_768));
  }));
});

test("a size that the writer did not know means: up to the end", async () => {
  const data = bytesOf(4, (b) => b.writeInt16LE(16_384, 2));
  assert.deepEqual([...await read(wavFile(data, { tag: 1, bits: 16, size: 0xffff_ffff }))], [0, 0.5]);
});

const refused: readonly (readonly [name: string, bytes: Uint8Array, code: string])[] = [
  ["ends before its samples", wavFile(new Uint8Array(), { tag: 1, bits: 16 }).subarray(0, 36), "media_invalid"],
  ["has fewer samples than its header says", wavFile(new Uint8Array(10), { tag: 1, bits: 16, size: 2000 }), "media_invalid"],
  ["is of a format that is not known", wavFile(new Uint8Array(10), { tag: 85, bits: 16 }), "media_invalid"],
  ["is of 12 bits", wavFile(new Uint8Array(10), { tag: 1, bits: 12 }), "media_invalid"],
  ["has no channel", wavFile(new Uint8Array(10), { tag: 1, bits: 16, channels: 0 }), "media_invalid"],
  ["has no samples", wavFile(new Uint8Array(), { tag: 1, bits: 16 }), "media_invalid"],
  ["has a rate of 4 GHz", wavFile(new Uint8Array(10), { tag: 1, bits: 16, sampleRate: 2 ** 31 - 1 }), "media_invalid"],
  ["holds what is no number", wavFile(bytesOf(4, (b) => b.writeFloatLE(NaN)), { tag: 3, bits: 32 }), "media_invalid"],
  ["says that it lasts ten hours", wavFile(new Uint8Array(10), { tag: 1, bits: 16, size: 10 * 3600 * rate * 2 }), "media_too_large"],
];
for (const [name, bytes, code] of refused) {
  test(`a WAV file that ${name} is ${code}`, async () => {
    await assert.rejects(read(bytes), { name: "InfernoError", code });
  });
}

test("no bytes after a WAV header do more than fail as media_invalid", async () => {
  const header = wavFile(new Uint8Array(64), { tag: 1, bits: 16, channels: 2 });
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(header.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(header.length), async (changes, length) => {
    const bytes = Uint8Array.from(header).subarray(0, length);
    for (const [at, value] of changes) if (at < length) bytes[at] = value;
    await read(bytes).catch((error: unknown) => assert.match(String((error as { code?: unknown }).code), /^media_/));
  }), { numRuns: 300 });
});
