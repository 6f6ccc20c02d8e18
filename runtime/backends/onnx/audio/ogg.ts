import { decodeInChunks } from "./chunked.ts";
import { ascii, mediaInvalid, type SoundSource, viewOf } from "./source.ts";

interface Page {
  readonly serial: number;
  /** Samples up to the end of this page; −1 where no packet ends on it. */
  readonly granule: bigint;
  readonly last: boolean;
  readonly body: number;
  readonly end: number;
}

/** Ogg with one stream, Vorbis or Opus. */
export function openOgg(bytes: Uint8Array): SoundSource {
  const first = readPage(bytes, 0);
  const last = lastGranule(bytes, first);
  const view = viewOf(bytes);
  if (ascii(bytes, first.body, 8) === "OpusHead" && first.end >= first.body + 19) {
    // Opus always counts in 48 kHz; the samples before `pre-skip` only warm the decoder up.
    const skip = view.getUint16(first.body + 10, true);
    return {
      sampleRate: 48_000, declared: Math.max(0, last - skip), slack: 0.05,
      pieces: () => decodeInChunks(bytes, async () => (await import("@audio/decode-opus")).decoder()),
    };
  }
  if (ascii(bytes, first.body, 7) === "\u0001vorbis" && first.end >= first.body + 30) {
    return {
      sampleRate: view.getUint32(first.body + 12, true), declared: last, slack: 0.05,
      pieces: () => decodeInChunks(bytes, async () => (await import("@audio/decode-vorbis")).decoder()),
    };
  }
  throw mediaInvalid("The Ogg file holds neither Vorbis nor Opus.");
}

/** Walks all pages: each has to be whole, for a decoder would pass over a damaged one in silence. */
function lastGranule(bytes: Uint8Array, first: Page): number {
  let samples = 0;
  let { last } = first;
  for (let at = 0; at < bytes.length;) {
    const page = readPage(bytes, at);
    ({ last } = page);
    if (page.serial !== first.serial) throw mediaInvalid(`The Ogg file holds more than one stream (another begins at byte ${at}); send one sound.`);
    if (page.granule > 0n) samples = Math.max(samples, Number(page.granule));
    at = page.end;
  }
  if (!last) throw mediaInvalid("The Ogg file is cut off: no page says that it is the last.");
  return samples;
}

function readPage(bytes: Uint8Array, at: number): Page {
  const head = 27;
  const body = at + head + (bytes[at + 26] ?? 0);
  if (body > bytes.length || at + head > bytes.length) throw mediaInvalid(`The Ogg file is cut off at byte ${bytes.length}, within a page's header.`);
  if (ascii(bytes, at, 4) !== "OggS") throw mediaInvalid(`The Ogg file is damaged: no page begins at byte ${at}.`);
  const end = bytes.subarray(at + head, body).reduce((sum, size) => sum + size, body);
  if (end > bytes.length) throw mediaInvalid(`The Ogg file is cut off: the page at byte ${at} has ${end - at} bytes, ${bytes.length - at} are there.`);
  const view = viewOf(bytes);
  if (checksum(bytes, at, end) !== view.getUint32(at + 22, true)) throw mediaInvalid(`The Ogg file is damaged: the checksum of the page at byte ${at} is wrong.`);
  return { serial: view.getUint32(at + 14, true), granule: view.getBigInt64(at + 6, true), last: (bytes[at + 5]! & 4) !== 0, body, end };
}

/** CRC-32 with polynomial 0x04c11db7, not reflected, from 0; the checksum's own four bytes count as zero. */
function checksum(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let at = start; at < end; at += 1) {
    const byte = at >= start + 22 && at < start + 26 ? 0 : bytes[at]!;
    crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ byte]!;
  }
  return crc >>> 0;
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  return crc;
});
