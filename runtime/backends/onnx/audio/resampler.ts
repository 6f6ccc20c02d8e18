/**
 * Half the filter's length, in periods of the lower rate, and the window's shape: 70 dB against what would fold over, and at 16 kHz
 * everything below 6.5 kHz as it was. Longer costs time, and models of speech do not listen up there.
 */
const zeroCrossings = 24;
const kaiserBeta = 7;
/** Where the filter's slope has its middle, of the lower rate, so that it ends at one half. */
const cutoff = 0.455;
/** Rates such as 44,099 would need a filter for each of their thousands of phases; a ratio closer than 1 in 100,000 does as well. */
const mostPhases = 1280;

/** Rates that sound really has: below, filters grow without end; above, nobody records. */
export const sampleRates = { least: 1000, most: 384_000 } as const;
export const isSampleRate = (rate: number): boolean => Number.isInteger(rate) && rate >= sampleRates.least && rate <= sampleRates.most;

/** Where a resampler is within a stream; from it another goes on as if it were the same. */
export interface ResamplerState {
  readonly phase: number;
  /** Samples still to come before those that the next output begins with. */
  readonly skip: number;
  readonly tail: Float32Array;
}

/** Band-limited conversion of sample rates, piece by piece: the same samples whatever the pieces. */
export class Resampler {
  readonly from: number;
  readonly to: number;
  readonly #up: number;
  readonly #down: number;
  readonly #taps: number;
  readonly #filters: Float32Array;
  #phase = 0;
  #skip = 0;
  #tail: Float32Array;
  #taken = 0;
  #given = 0;

  constructor(from: number, to: number, state: ResamplerState | null = null) {
    this.from = from;
    this.to = to;
    [this.#up, this.#down] = closeRatio(to, from, mostPhases);
    // Half the filter lies before an output; at the beginning that is silence.
    const half = from === to ? 0 : halfLength(from, to);
    this.#taps = 2 * half;
    this.#filters = filterBank(this.#up, half, cutoff * Math.min(1, to / from));
    this.#tail = state?.tail ?? new Float32Array(Math.max(0, half - 1));
    this.#phase = state?.phase ?? 0;
    this.#skip = state?.skip ?? 0;
  }

  /** Samples that a state of this conversion keeps at most. */
  static longestTail(from: number, to: number): number {
    return from === to ? 0 : 2 * halfLength(from, to);
  }

  /** Whether a state could be one of this conversion. */
  static accepts(from: number, to: number, { phase, skip, tail }: ResamplerState): boolean {
    if (!isSampleRate(from)) return false;
    const [up, down] = closeRatio(to, from, mostPhases);
    return phase >= 0 && phase < up && skip >= 0 && skip <= Math.ceil(down / up) && tail.length <= Resampler.longestTail(from, to);
  }

  get state(): ResamplerState {
    return { phase: this.#phase, skip: this.#skip, tail: this.#tail };
  }

  push(samples: Float32Array): Float32Array {
    this.#taken += samples.length;
    return this.#convert(samples, Infinity);
  }

  /** What is still inside, as if silence followed. */
  end(): Float32Array {
    const due = Math.ceil(this.#taken * this.#up / this.#down) - this.#given;
    return this.from === this.to ? new Float32Array() : this.#convert(new Float32Array(this.#taps), Math.max(0, due));
  }

  #convert(samples: Float32Array, most: number): Float32Array {
    if (this.from === this.to) return samples;
    const input = new Float32Array(this.#tail.length + samples.length);
    input.set(this.#tail);
    input.set(samples, this.#tail.length);
    const taps = this.#taps;
    const output = new Float32Array(Math.min(most, Math.ceil((input.length + 1) * this.#up / this.#down) + 1));
    let count = 0;
    let at = this.#skip;
    for (; at + taps <= input.length && count < output.length; count += 1) {
      const filter = this.#phase * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) sum += input[at + tap]! * this.#filters[filter + tap]!;
      output[count] = sum;
      const next = this.#phase + this.#down;
      at += Math.floor(next / this.#up);
      this.#phase = next % this.#up;
    }
    this.#tail = input.slice(Math.min(at, input.length));
    this.#skip = Math.max(0, at - input.length);
    this.#given += count;
    return output.slice(0, count);
  }
}

const halfLength = (from: number, to: number): number => Math.ceil(zeroCrossings * Math.max(1, from / to));

/** A windowed sinc for each phase between two input samples, one after the other. Each sums to 1, so that silence between waves stays flat. */
function filterBank(phases: number, half: number, cut: number): Float32Array {
  const bank = new Float32Array(phases * 2 * half);
  for (let phase = 0; phase < phases; phase += 1) {
    const filter = Float64Array.from({ length: 2 * half }, (_, tap) => {
      const time = tap - (half - 1) - phase / phases;
      const angle = 2 * Math.PI * cut * time;
      return (angle === 0 ? 1 : Math.sin(angle) / angle) * kaiser(time / half);
    });
    const sum = filter.reduce((total, value) => total + value, 0);
    bank.set(filter.map((value) => value / sum), phase * 2 * half);
  }
  return bank;
}

const kaiser = (place: number): number => Math.abs(place) > 1 ? 0 : bessel0(kaiserBeta * Math.sqrt(1 - place * place)) / bessel0(kaiserBeta);

/** Modified Bessel function of order 0, by its series; thirty terms are exact for what is asked here. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let index = 1; index < 30; index += 1) {
    term *= (x / (2 * index)) ** 2;
    sum += term;
  }
  return sum;
}

/** The last continued fraction of `a / b` whose numerator is not above `most`. */
export function closeRatio(a: number, b: number, most: number): [numerator: number, denominator: number] {
  let [previous, current]: [[number, number], [number, number]] = [[0, 1], [1, 0]];
  for (let [upper, lower] = [a, b]; lower !== 0; [upper, lower] = [lower, upper % lower]) {
    const whole = Math.floor(upper / lower);
    const next: [number, number] = [whole * current[0] + previous[0], whole * current[1] + previous[1]];
    // A ratio below 1 begins with 0/1, which is none.
    if (next[0] > most && current[0] > 0) break;
    [previous, current] = [current, next];
  }
  return current;
}
