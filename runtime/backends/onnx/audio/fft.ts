/** The discrete Fourier transform of one size, whatever its prime factors: speech models take 400, which is no power of two. */
export class Fft {
  readonly size: number;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  /** Results, as pairs of real and imaginary arrays; also room for the parts of a larger transform. */
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;
  readonly #partReal: Float64Array;
  readonly #partImaginary: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.#cos = Float64Array.from({ length: size }, (_, index) => Math.cos(2 * Math.PI * index / size));
    this.#sin = Float64Array.from({ length: size }, (_, index) => -Math.sin(2 * Math.PI * index / size));
    [this.#real, this.#imaginary] = [new Float64Array(size), new Float64Array(size)];
    const largest = size > 1 ? largestFactor(size) : 1;
    [this.#partReal, this.#partImaginary] = [new Float64Array(largest), new Float64Array(largest)];
  }

  /** |X|² of real samples, for the frequencies 0 to half the sample rate: `size / 2 + 1` values, rounded down. */
  power(samples: Float64Array): Float64Array {
    this.#transform(samples, 0, 1, this.size, 0);
    return Float64Array.from({ length: Math.floor(this.size / 2) + 1 }, (_, bin) => this.#real[bin]! ** 2 + this.#imaginary[bin]! ** 2);
  }

  /** Decimation in time: transforms of every `factor`-th sample, then sums over those by the size's roots of unity. */
  #transform(samples: Float64Array, from: number, stride: number, size: number, to: number): void {
    if (size === 1) {
      this.#real[to] = samples[from]!;
      this.#imaginary[to] = 0;
      return;
    }
    const factor = smallestFactor(size);
    const part = size / factor;
    for (let index = 0; index < factor; index += 1) this.#transform(samples, from + index * stride, stride * factor, part, to + index * part);
    for (let bin = 0; bin < part; bin += 1) this.#combine(to + bin, bin, part, factor, stride);
  }

  /** The outputs `bin`, `bin + part`, … of a transform whose `factor` parts lie from `at` on, `part` apart; in place. */
  #combine(at: number, bin: number, part: number, factor: number, stride: number): void {
    for (let output = 0; output < factor; output += 1) {
      let [real, imaginary] = [0, 0];
      for (let index = 0; index < factor; index += 1) {
        const root = index * (bin + output * part) * stride % this.size;
        const [cos, sin] = [this.#cos[root]!, this.#sin[root]!];
        const [re, im] = [this.#real[at + index * part]!, this.#imaginary[at + index * part]!];
        real += re * cos - im * sin;
        imaginary += re * sin + im * cos;
      }
      this.#partReal[output] = real;
      this.#partImaginary[output] = imaginary;
    }
    for (let output = 0; output < factor; output += 1) {
      this.#real[at + output * part] = this.#partReal[output]!;
      this.#imaginary[at + output * part] = this.#partImaginary[output]!;
    }
  }
}

function smallestFactor(size: number): number {
  for (let factor = 2; factor * factor <= size; factor += 1) if (size % factor === 0) return factor;
  return size;
}

function largestFactor(size: number): number {
  const factor = smallestFactor(size);
  return factor === size ? size : Math.max(factor, largestFactor(size / factor));
}
