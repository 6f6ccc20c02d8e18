import { decodeInChunks } from "./chunked.ts";
import { afterId3, mediaInvalid, type SoundSource, viewOf } from "./source.ts";

const streamInfo = 0;

export function openFlac(bytes: Uint8Array): SoundSource {
  const start = afterId3(bytes);
  // The magic, the head of the first metadata block, and STREAMINFO, which has to be that block.
  if (bytes.length < start + 42 || (bytes[start + 4]! & 0x7f) !== streamInfo) throw mediaInvalid("The FLAC file ends within its header.");
  const view = viewOf(bytes);
  // 20 bits rate, 3 bits channels, 5 bits sample size, 36 bits samples.
  const sampleRate = view.getUint32(start + 18) >>> 12;
  const total = (bytes[start + 21]! & 0x0f) * 2 ** 32 + view.getUint32(start + 22);
  return {
    sampleRate, declared: total === 0 ? null : total, slack: 0,
    pieces: () => decodeInChunks(bytes.subarray(start), async () => (await import("@audio/decode-flac")).decoder()),
  };
}
