import { Fft } from "./fft.ts";

export interface MelOptions {
  readonly sampleRate: number;
  readonly mels: number;
  /** Samples in a frame. */
  readonly fft: number;
  /** Samples from one frame to the next. */
  readonly hop: number;
  /** Hertz; `high` is half the sample rate where it is not said. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** Energies in bands as wide as the ear's: Slaney's mel scale and triangles of equal area, a periodic Hann window. */
export class MelFrames {
  readonly options: MelOptions;
  readonly #fft: Fft;
  readonly #window: Float64Array;
  readonly #bands: readonly Band[];

  constructor(options: MelOptions) {
    this.options = options;
    const { fft } = options;
    this.#fft = new Fft(fft);
    this.#window = Float64Array.from({ length: fft }, (_, index) => 0.5 - 0.5 * Math.cos(2 * Math.PI * index / fft));
    this.#bands = melBands(options);
  }

  /** Frames that lie wholly within so many samples. */
  count(samples: number): number {
    return Math.max(0, Math.floor((samples - this.options.fft) / this.options.hop) + 1);
  }

  /** The bands' energies in the frame that begins at a sample. */
  energies(samples: Float32Array, start: number): Float64Array {
    const frame = this.#window.slice();
    for (let index = 0; index < frame.length; index += 1) frame[index]! *= samples[start + index]!;
    const power = this.#fft.power(frame);
    const energies = new Float64Array(this.#bands.length);
    for (const [band, { first, weights }] of this.#bands.entries()) {
      for (let index = 0; index < weights.length; index += 1) energies[band]! += weights[index]! * power[first + index]!;
    }
    return energies;
  }
}

interface Band {
  /** The first frequency bin with a weight. */
  readonly first: number;
  readonly weights: Float64Array;
}

export function melBands({ sampleRate, mels, fft, low = 0, high = sampleRate / 2 }: MelOptions): readonly Band[] {
  const [from, to] = [melOf(low), melOf(high)];
  const edges = Array.from({ length: mels + 2 }, (_, index) => hertzOf(from + (to - from) * index / (mels + 1)));
  const bins = Float64Array.from({ length: Math.floor(fft / 2) + 1 }, (_, bin) => bin * sampleRate / fft);
  return Array.from({ length: mels }, (_, band) => {
    const [left, middle, right] = [edges[band]!, edges[band + 1]!, edges[band + 2]!];
    const weights = bins.map((hertz) => Math.max(0, Math.min((hertz - left) / (middle - left), (right - hertz) / (right - middle))) * 2 / (right - left));
    const first = weights.findIndex((weight) => weight > 0);
    return first < 0 ? { first: 0, weights: new Float64Array() } : { first, weights: weights.slice(first, weights.findLastIndex((weight) => weight > 0) + 1) };
  });
}

/** Slaney's scale: 15 mel to 1 kHz in a straight line, and from there a factor of 6.4 for every 27. */
const linear = 200 / 3;
const kilohertz = 15;
const step = Math.log(6.4) / 27;
const melOf = (hertz: number): number => hertz < 1000 ? hertz / linear : kilohertz + Math.log(hertz / 1000) / step;
const hertzOf = (mel: number): number => mel < kilohertz ? mel * linear : 1000 * Math.exp((mel - kilohertz) * step);
