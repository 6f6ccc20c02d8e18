/** The discrete Fourier transform of one size, whatever its prime factors: speech models take 400, which is no power of two. */
export class Fft {
  readonly size: number;
  /** Prime factors, smallest first: one level of the transform for each. */
  readonly #factors: readonly number[];
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #real: Float64Array;
  readonly #imaginary: Float64Array;
  /** Room for the outputs of one butterfly, whose inputs lie in the same places. */
  readonly #partReal: Float64Array;
  readonly #partImaginary: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.#factors = primeFactors(size);
    this.#cos = Float64Array.from({ length: size }, (_, index) => Math.cos(2 * Math.PI * index / size));
    this.#sin = Float64Array.from({ length: size }, (_, index) => -Math.sin(2 * Math.PI * index / size));
    [this.#real, this.#imaginary] = [new Float64Array(size), new Float64Array(size)];
    const largest = this.#factors.at(-1) ?? 1;
    [this.#partReal, this.#partImaginary] = [new Float64Array(largest), new Float64Array(largest)];
  }

  /** |X|² of real samples, for the frequencies 0 to half the sample rate: `size / 2 + 1` values, rounded down. */
  power(samples: Float64Array): Float64Array {
    this.#imaginary.fill(0);
    this.#transform(samples, 0, 1, this.size, 0, 0);
    const power = new Float64Array(Math.floor(this.size / 2) + 1);
    for (let bin = 0; bin < power.length; bin += 1) power[bin] = this.#real[bin]! ** 2 + this.#imaginary[bin]! ** 2;
    return power;
  }

  /** Decimation in time: transforms of every `factor`-th sample, then sums over those by the size's roots of unity. */
  #transform(samples: Float64Array, from: number, stride: number, size: number, to: number, level: number): void {
    if (size === 1) {
      this.#real[to] = samples[from]!;
      return;
    }
    const factor = this.#factors[level]!;
    const part = size / factor;
    for (let index = 0; index < factor; index += 1) this.#transform(samples, from + index * stride, stride * factor, part, to + index * part, level + 1);
    if (factor === 2) this.#pairs(to, part, stride);
    else for (let bin = 0; bin < part; bin += 1) this.#combine(to + bin, bin, part, factor, stride);
  }

  /** `#combine` of all bins for the factor 2, whose second root is the first one's negative. */
  #pairs(to: number, part: number, stride: number): void {
    const [real, imaginary] = [this.#real, this.#imaginary];
    for (let bin = 0; bin < part; bin += 1) {
      const [low, high] = [to + bin, to + bin + part];
      const cos = this.#cos[bin * stride]!;
      const sin = this.#sin[bin * stride]!;
      const re = real[high]! * cos - imaginary[high]! * sin;
      const im = real[high]! * sin + imaginary[high]! * cos;
      real[high] = real[low]! - re;
      imaginary[high] = imaginary[low]! - im;
      real[low]! += re;
      imaginary[low]! += im;
    }
  }

  /** The outputs `bin`, `bin + part`, … of a transform whose `factor` parts lie from `at` on, `part` apart; in place. */
  #combine(at: number, bin: number, part: number, factor: number, stride: number): void {
    const { size } = this;
    for (let output = 0; output < factor; output += 1) {
      const step = (bin + output * part) * stride;
      let real = 0;
      let imaginary = 0;
      let root = 0;
      for (let place = at; place < at + factor * part; place += part) {
        const cos = this.#cos[root]!;
        const sin = this.#sin[root]!;
        real += this.#real[place]! * cos - this.#imaginary[place]! * sin;
        imaginary += this.#real[place]! * sin + this.#imaginary[place]! * cos;
        root += step;
        if (root >= size) root -= size;
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

function primeFactors(size: number): number[] {
  const factors: number[] = [];
  let rest = size;
  for (let factor = 2; factor * factor <= rest; factor += 1) {
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  }
  return rest > 1 ? [...factors, rest] : factors;
}
