import type { Sound } from "../../../../protocol/infer.ts";
import { mediaInvalid } from "./source.ts";
import { checkRate, joined, mono, readSound, soundLimits } from "./sound.ts";
import { Resampler, sampleRates } from "./resampler.ts";
import { foreign, packState, unpackState } from "./stream-state.ts";

/** How far a stream's sound has been read. */
interface Place {
  /** The rate that the stream comes in; 0 before its first samples. */
  readonly sourceRate: number;
  readonly phase: number;
  readonly skip: number;
  readonly tail: Float32Array;
}

const beginning: Place = { sourceRate: 0, phase: 0, skip: 0, tail: new Float32Array() };
const ownCounts = 3;

/** What a task carries beside the place in the sound. */
export interface Carried {
  readonly counts: readonly number[];
  readonly arrays: readonly Float32Array[];
}

/** New samples at the model's rate, and how to say where they end. */
export interface StreamInput {
  readonly samples: Float32Array;
  /** Nothing follows; a stream's samples may go on in the next request. */
  readonly complete: boolean;
  readonly carried: Carried | null;
  /** The state for the next request. */
  state(carried: Carried): Uint8Array;
}

/** `carriedSizes`: how many counts, and how long each array may be. Throws `invalid_request` for a state of another model. */
export async function readStream(sound: Sound, sampleRate: number, state: Uint8Array | null, carriedSizes: { readonly counts: number; readonly arrays: readonly number[] }): Promise<StreamInput> {
  const { place, carried } = state === null ? { place: beginning, carried: null } : unpack(state, sampleRate, carriedSizes);
  const resampler = sound.kind === "samples" ? resume(sound.sampleRate, sampleRate, place) : null;
  const samples = sound.kind === "samples" && resampler !== null ? resampler.push(streamSamples(sound.samples, sound.sampleRate)) : await readSound(sound, sampleRate);
  return {
    samples, complete: sound.kind === "file", carried,
    state(next) {
      const { phase, skip, tail } = resampler?.state ?? beginning;
      return packState({ counts: [resampler?.from ?? 0, phase, skip, ...next.counts], arrays: [tail, ...next.arrays] });
    },
  };
}

function unpack(bytes: Uint8Array, sampleRate: number, sizes: { readonly counts: number; readonly arrays: readonly number[] }): { readonly place: Place; readonly carried: Carried } {
  const { counts, arrays } = unpackState(bytes, ownCounts + sizes.counts, [Resampler.longestTail(sampleRates.most, sampleRate), ...sizes.arrays]);
  const [sourceRate, phase, skip] = [counts[0]!, counts[1]!, counts[2]!];
  const place = { sourceRate, phase, skip, tail: arrays[0]! };
  if (sourceRate !== 0 && !Resampler.accepts(sourceRate, sampleRate, place)) throw foreign();
  return { place, carried: { counts: counts.slice(ownCounts), arrays: arrays.slice(1) } };
}

function resume(from: number, to: number, place: Place): Resampler {
  checkRate(from);
  if (place.sourceRate === 0) return new Resampler(from, to);
  if (place.sourceRate !== from) throw mediaInvalid(`The stream changes its sample rate from ${place.sourceRate} to ${from}.`);
  return new Resampler(from, to, place);
}

function streamSamples(samples: Float32Array, sampleRate: number): Float32Array {
  if (samples.length > soundLimits.seconds * sampleRate) throw mediaInvalid(`${samples.length} samples at once are more than ${soundLimits.seconds} s; send them in parts.`);
  return mono([samples]);
}

/** Appends to what was left over, without a copy where nothing was. */
export const continued = (rest: Float32Array, samples: Float32Array): Float32Array => rest.length === 0 ? samples : joined([rest, samples]);
