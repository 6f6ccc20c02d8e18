import { decodeInChunks } from "./chunked.ts";
import { afterId3, ascii, mediaInvalid, type SoundSource, viewOf } from "./source.ts";

interface Frame {
  readonly sampleRate: number;
  readonly samples: number;
  readonly bytes: number;
}

/** kbit/s by the header's four bits; 0 is "free", which nobody writes, and the sixteenth is forbidden. */
const bitRates = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const sampleRates = [44_100, 48_000, 32_000] as const;
/** By the header's version bits: 2.5 is a quarter of MPEG 1's rates, 2 is half. */
const divisors = [4, null, 2, 1] as const;
/** How far to look for the next frame where none follows. */
const searchBytes = 65_536;

/** An MP3 has no table of contents one can trust, but its frames say how long they are: hopping over them is exact and reads four bytes of each. */
export function openMp3(bytes: Uint8Array): SoundSource {
  const start = findFrame(bytes, afterId3(bytes));
  const first = start === null ? null : readFrame(bytes, start);
  if (start === null || first === null) throw mediaInvalid("The sound is not MP3: no frame was found.");
  return {
    sampleRate: first.sampleRate, declared: countSamples(bytes, start), slack: 0.25,
    pieces: () => decodeInChunks(bytes.subarray(start), async () => (await import("@audio/decode-mp3")).decoder()),
  };
}

function countSamples(bytes: Uint8Array, start: number): number {
  const announced = announcedFrames(bytes, start);
  // The frame that announces is none of those.
  let frames = announced === null ? 0 : -1;
  let samples = 0;
  for (let at: number | null = start; at !== null && at < bytes.length;) {
    const frame = readFrame(bytes, at);
    if (frame === null) {
      at = isTag(bytes, at) ? null : findFrame(bytes, at);
      continue;
    }
    if (at + frame.bytes > bytes.length) throw mediaInvalid(`The MP3 file is cut off within the frame at byte ${at}.`);
    frames += 1;
    samples += frame.samples;
    at += frame.bytes;
  }
  if (announced !== null && frames < announced) throw mediaInvalid(`The MP3 file is cut off: it announces ${announced} frames and has ${frames}.`);
  return samples;
}

/** Encoders put a frame in front that says, where side information would be, how many follow: "Xing" or, for a constant bit rate, "Info". */
function announcedFrames(bytes: Uint8Array, start: number): number | null {
  // Side information has 9, 17 or 32 bytes behind the frame's head of 4.
  const at = [13, 21, 36].map((offset) => start + offset).find((place) => ["Xing", "Info"].includes(ascii(bytes, place, 4)));
  if (at === undefined || at + 12 > bytes.length) return null;
  const hasCount = (bytes[at + 7]! & 1) === 1;
  return hasCount ? viewOf(bytes).getUint32(at + 8) : null;
}

/** A frame is believed when another follows, or the end: its eleven sync bits alone occur by chance. */
function findFrame(bytes: Uint8Array, from: number): number | null {
  for (let at = from; at + 4 <= Math.min(bytes.length, from + searchBytes); at += 1) {
    const frame = readFrame(bytes, at);
    if (frame === null) continue;
    const next = at + frame.bytes;
    if (next === bytes.length || readFrame(bytes, next) !== null || (next < bytes.length && isTag(bytes, next))) return at;
  }
  return null;
}

const isTag = (bytes: Uint8Array, at: number): boolean => ascii(bytes, at, 3) === "TAG" || ascii(bytes, at, 8) === "APETAGEX";

function readFrame(bytes: Uint8Array, at: number): Frame | null {
  if (at + 4 > bytes.length) return null;
  const head = viewOf(bytes).getUint32(at);
  const version = (head >>> 19) & 3;
  const layer = (head >>> 17) & 3;
  const divisor = divisors[version];
  // Eleven bits of sync; layer III has number 1.
  if (head >>> 21 !== 0x7ff || layer !== 1 || divisor === null || divisor === undefined) return null;
  const kilobits = (divisor === 1 ? bitRates.mpeg1 : bitRates.mpeg2)[(head >>> 12) & 15] ?? 0;
  const fullRate = sampleRates[(head >>> 10) & 3];
  if (kilobits === 0 || fullRate === undefined) return null;
  const sampleRate = fullRate / divisor;
  const samples = divisor === 1 ? 1152 : 576;
  return { sampleRate, samples, bytes: Math.floor((samples / 8) * kilobits * 1000 / sampleRate) + ((head >>> 9) & 1) };
}
