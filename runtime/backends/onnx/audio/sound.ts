import { InfernoError } from "../../../../protocol/errors.ts";
import type { Sound } from "../../../../protocol/infer.ts";
import { openFlac } from "./flac.ts";
import { openMp3 } from "./mp3.ts";
import { nextTurn } from "./next-turn.ts";
import { openOgg } from "./ogg.ts";
import { isSampleRate, Resampler, sampleRates } from "./resampler.ts";
import { afterId3, ascii, mediaInvalid, type SoundPiece, type SoundSource } from "./source.ts";
import { openWav } from "./wav.ts";

export interface SoundLimits {
  readonly bytes: number;
  readonly seconds: number;
}

/** An hour of samples for a model (16 kHz, float32) takes 230 MB. */
export const soundLimits: SoundLimits = { bytes: 512 * 2 ** 20, seconds: 3600 };

/** An hour takes seconds to decode; the process has others to answer meanwhile. */
const piecesInTurn = 32;

/** Any sound as mono samples of −1 to 1 at `sampleRate`. */
export function readSound(sound: Sound, sampleRate: number, limits: SoundLimits = soundLimits): Promise<Float32Array> {
  return sound.kind === "file" ? readFile(sound.bytes, sampleRate, limits) : convert([{ sampleRate: sound.sampleRate, channels: [sound.samples] }], sampleRate, limits);
}

async function readFile(bytes: Uint8Array, sampleRate: number, limits: SoundLimits): Promise<Float32Array> {
  if (bytes.length > limits.bytes) throw tooLarge(`The sound has ${bytes.length} bytes; ${limits.bytes} are allowed.`);
  const source = openSource(bytes);
  checkRate(source.sampleRate);
  const seconds = (source.declared ?? 0) / source.sampleRate;
  if (seconds > limits.seconds) throw tooLong(seconds, limits);
  const samples = await convert(source.pieces(), sampleRate, limits);
  // Decoders pass over what they cannot read. Ratios of rates that are not exact make a long sound shorter by a hair.
  const read = samples.length / sampleRate;
  if (samples.length === 0) throw mediaInvalid("The sound holds no samples.");
  if (read < seconds * (1 - 1e-4) - source.slack) throw mediaInvalid(`The sound is cut off or damaged: its header says ${seconds.toFixed(1)} s, only ${read.toFixed(1)} s could be decoded.`);
  return samples;
}

/** What a file is, is said by its first bytes, whatever its name was. */
export function openSource(bytes: Uint8Array): SoundSource {
  const magic = ascii(bytes, 0, 4);
  if (magic === "RIFF" && ascii(bytes, 8, 4) === "WAVE") return openWav(bytes);
  if (magic === "OggS") return openOgg(bytes);
  if (ascii(bytes, afterId3(bytes), 4) === "fLaC") return openFlac(bytes);
  if (magic.startsWith("ID3") || (bytes[0] === 0xff && (bytes[1] ?? 0) >= 0xe0)) return openMp3(bytes);
  throw mediaInvalid(bytes.length === 0 ? "The sound is empty." : "The sound is of no known kind (WAV, MP3, Ogg or FLAC).");
}

async function convert(pieces: AsyncIterable<SoundPiece> | Iterable<SoundPiece>, sampleRate: number, limits: SoundLimits): Promise<Float32Array> {
  let resampler: Resampler | null = null;
  let read = 0;
  let turn = 0;
  const parts: Float32Array[] = [];
  for await (const piece of pieces) {
    checkRate(piece.sampleRate);
    resampler ??= new Resampler(piece.sampleRate, sampleRate);
    if (resampler.from !== piece.sampleRate) throw mediaInvalid(`The sound changes its sample rate from ${resampler.from} to ${piece.sampleRate}.`);
    read += piece.channels[0]?.length ?? 0;
    if (read > limits.seconds * piece.sampleRate) throw tooLong(read / piece.sampleRate, limits);
    parts.push(resampler.push(mono(piece.channels)));
    turn += 1;
    if (turn % piecesInTurn === 0) await nextTurn();
  }
  if (resampler !== null) parts.push(resampler.end());
  return joined(parts);
}

/** The channels' mean. Floats in files may be anything: beyond full scale is clipped, and what is no number is refused. */
export function mono(channels: readonly Float32Array[]): Float32Array {
  const mixed = new Float32Array(channels[0]?.length ?? 0);
  for (let index = 0; index < mixed.length; index += 1) {
    let sum = 0;
    for (const channel of channels) sum += channel[index]!;
    if (Number.isNaN(sum)) throw mediaInvalid(`The sound's sample ${index} is not a number.`);
    mixed[index] = Math.max(-1, Math.min(1, sum / channels.length));
  }
  return mixed;
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function checkRate(sampleRate: number): void {
  if (!isSampleRate(sampleRate)) throw mediaInvalid(`A sample rate of ${sampleRate} cannot be read; it has to be a whole number from ${sampleRates.least} to ${sampleRates.most}.`);
}

const tooLong = (seconds: number, limits: SoundLimits): InfernoError =>
  tooLarge(`The sound is ${Math.ceil(seconds)} s long, or longer; ${limits.seconds} s are allowed.`);
const tooLarge = (message: string): InfernoError => new InfernoError("media_too_large", message);
