import { InfernoError } from "../../../../protocol/errors.ts";

/** A sound file whose header was read; its samples were not yet. */
export interface SoundSource {
  readonly sampleRate: number;
  /** Length in samples of one channel as the header or the frames say; null where they do not. */
  readonly declared: number | null;
  /** Seconds by which a whole file may come out shorter than that: what encoders put in front and behind. */
  readonly slack: number;
  /** Decodes piece by piece, so that a small file which unpacks to gigabytes can be left in the middle. */
  pieces(): AsyncIterable<SoundPiece>;
}

export interface SoundPiece {
  readonly sampleRate: number;
  /** As many samples for each channel. */
  readonly channels: readonly Float32Array[];
}

export const mediaInvalid = (message: string, cause?: unknown): InfernoError => new InfernoError("media_invalid", message, { cause });

export const ascii = (bytes: Uint8Array, start: number, length: number): string => String.fromCharCode(...bytes.subarray(start, start + length));

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where the sound begins after ID3v2 tags, which are put in front of MP3 and sometimes of FLAC. */
export function afterId3(bytes: Uint8Array): number {
  let at = 0;
  while (at + 10 <= bytes.length && ascii(bytes, at, 3) === "ID3") {
    // Four bytes of seven bits each; a set bit of the flags says that a footer of ten bytes follows.
    const size = bytes.subarray(at + 6, at + 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    at += 10 + size + ((bytes[at + 5]! & 0x10) === 0 ? 0 : 10);
  }
  return Math.min(at, bytes.length);
}
