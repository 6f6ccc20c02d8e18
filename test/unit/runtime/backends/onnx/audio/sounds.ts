import { readFileSync } from "node:fs";

/** A file of test/fixtures/sound: 0.25 s of 440 Hz in each container, and six seconds of synthetic speech between silence. */
export const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`../../../../../fixtures/sound/${name}`, import.meta.url)));

export const sine = (hertz: number, sampleRate: number, length: number, amplitude = 0.5): Float32Array =>
  Float32Array.from({ length }, (_, index) => amplitude * Math.sin(2 * Math.PI * hertz * index / sampleRate));

export interface WavOptions {
  readonly tag: number;
  readonly bits: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly extensible?: boolean;
  /** What the header says of the data's size. */
  readonly size?: number;
}

/** A WAV file around bytes of samples. */
export function wavFile(data: Uint8Array, { tag, bits, channels = 1, sampleRate = 16_000, extensible = false, size = data.length }: WavOptions): Uint8Array {
  const formatSize = extensible ? 40 : 16;
  const header = Buffer.alloc(28 + formatSize);
  header.write("RIFF", 0);
  header.writeUInt32LE((20 + formatSize + size) % 2 ** 32, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(formatSize, 16);
  header.writeUInt16LE(extensible ? 0xfffe : tag, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * bits / 8, 28);
  header.writeUInt16LE(channels * bits / 8, 32);
  header.writeUInt16LE(bits, 34);
  if (extensible) header.writeUInt16LE(tag, 44);
  header.write("data", 20 + formatSize);
  header.writeUInt32LE(size, 24 + formatSize);
  return new Uint8Array(Buffer.concat([header, data]));
}

/** How much of one frequency is in the samples: the amplitude of the sine that fits best. */
export function amplitudeOf(samples: Float32Array, hertz: number, sampleRate: number): number {
  let [cos, sin] = [0, 0];
  samples.forEach((sample, index) => {
    cos += sample * Math.cos(2 * Math.PI * hertz * index / sampleRate);
    sin += sample * Math.sin(2 * Math.PI * hertz * index / sampleRate);
  });
  return 2 * Math.hypot(cos, sin) / samples.length;
}
