import { ascii, mediaInvalid, type SoundPiece, type SoundSource, viewOf } from "./source.ts";

interface Format {
  readonly tag: number;
  readonly channels: number;
  readonly sampleRate: number;
  /** Bytes of one sample of all channels. */
  readonly block: number;
  readonly bits: number;
}

const tags = { integer: 1, float: 3, extensible: 0xfffe } as const;
/** What writers put where they do not know the size yet: the data goes on to the end of the file. */
const unknownSizes = new Set([0, 0xffff_ffff]);
const pieceSamples = 65_536;
type ReadSample = (at: number) => number;

/** Integers of 8 to 32 bits and floats of 32 and 64, plain or WAVE_FORMAT_EXTENSIBLE. */
export function openWav(bytes: Uint8Array): SoundSource {
  const view = viewOf(bytes);
  let format: Format | null = null;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = ascii(bytes, at, 4);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (id === "fmt ") format = readFormat(view, body, size);
    if (id === "data") {
      if (format === null) throw mediaInvalid("The WAV file's samples come before their format (chunk `fmt `).");
      return dataOf(bytes, format, body, size);
    }
    at = body + size + (size % 2);
  }
  throw mediaInvalid("The WAV file ends before its samples (chunk `data`).");
}

function readFormat(view: DataView, at: number, size: number): Format {
  if (size < 16 || at + size > view.byteLength) throw mediaInvalid("The WAV file ends within its header.");
  const plain = view.getUint16(at, true);
  // The real format's number is the beginning of the GUID of an extensible one.
  const tag = plain === tags.extensible && size >= 40 ? view.getUint16(at + 24, true) : plain;
  return {
    tag, channels: view.getUint16(at + 2, true), sampleRate: view.getUint32(at + 4, true),
    block: view.getUint16(at + 12, true), bits: view.getUint16(at + 14, true),
  };
}

function dataOf(bytes: Uint8Array, format: Format, start: number, size: number): SoundSource {
  const { channels, block, sampleRate } = format;
  const read = sampleReader(viewOf(bytes), format);
  if (channels === 0 || block !== channels * (format.bits / 8)) throw mediaInvalid(`The WAV header says ${channels} channels of ${format.bits} bits in ${block} bytes; that does not fit.`);
  const there = bytes.length - start;
  const open = unknownSizes.has(size);
  const declared = Math.floor((open ? there : size) / block);
  return {
    sampleRate, declared, slack: 0,
    async *pieces() {
      if (!open && size > there) throw mediaInvalid(`The WAV file is cut off: its header says ${size} bytes of samples, ${there} are there.`);
      for (let from = 0; from < declared; from += pieceSamples) yield pieceOf(from, Math.min(declared, from + pieceSamples));
    },
  };

  function pieceOf(from: number, to: number): SoundPiece {
    const width = format.bits / 8;
    const one = (channel: number): Float32Array => {
      const samples = new Float32Array(to - from);
      for (let index = 0; index < samples.length; index += 1) samples[index] = read(start + (from + index) * block + channel * width);
      return samples;
    };
    return { sampleRate, channels: Array.from({ length: channels }, (_, channel) => one(channel)) };
  }
}

/** One sample at a byte, as −1 to 1. */
function sampleReader(view: DataView, { tag, bits }: Format): ReadSample {
  if (tag === tags.integer && bits === 8) return (at) => (view.getUint8(at) - 128) / 2 ** 7;
  if (tag === tags.integer && bits === 16) return (at) => view.getInt16(at, true) / 2 ** 15;
  // 24 bits: the sign is in the third byte.
  if (tag === tags.integer && bits === 24) return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
  if (tag === tags.integer && bits === 32) return (at) => view.getInt32(at, true) / 2 ** 31;
  if (tag === tags.float && bits === 32) return (at) => view.getFloat32(at, true);
  if (tag === tags.float && bits === 64) return (at) => view.getFloat64(at, true);
  throw mediaInvalid(`The WAV file's format (number ${tag}, ${bits} bits) cannot be read; send PCM integers of 8, 16, 24 or 32 bits, or floats.`);
}
