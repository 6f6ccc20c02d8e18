import type { ChannelStatistics } from "../backends/onnx/lab/questions.ts";
import { stepOf } from "./kernels/int8.ts";

/**
 * Inputs of a matrix product get one scale for all channels, and in transformers a few channels are tens of times larger than the rest, which
 * then has only a few levels left. So channels are divided by factors, and the weight's rows multiplied by them (as in SmoothQuant);
 * the largest may also be taken out and multiplied as floats. Which of these is best is estimated from both sides' rounding.
 */
export interface Balance {
  /** Divides each channel of the input. */
  readonly factors: Float32Array<ArrayBuffer>;
  /** Channels that are multiplied as floats, in ascending order. */
  readonly apart: readonly number[];
  /** Estimated rounding, as a share of what it is without. */
  readonly noise: number;
}

/** What share of the input's range, and not of the weights', goes into the factors. */
const shares = [0.5, 0.6, 0.7, 0.8, 0.9];
/** More channels apart cost more time than they win. */
const mostApart = 8;
/** Taking channels apart is two more operators: it has to win this much. */
const apartWins = 0.4;
const least = 1e-6;

/** `matrices`: all weights [K, N] that this input is multiplied with. Null where nothing is won. */
export function balance(input: ChannelStatistics, matrices: readonly Float32Array[]): Balance | null {
  const k = input.meanSquare.length;
  const reach = Float32Array.from(input.high, (high, channel) => Math.max(high, -input.low[channel]!, least));
  const rows = matrices.map((matrix) => largestOfRows(matrix, k));
  const row = Float32Array.from({ length: k }, (_, channel) => Math.max(least, ...rows.map((largest) => largest[channel]!)));
  const plain = estimate(input, matrices, new Float32Array(k).fill(1), []);
  let best: Balance | null = null;
  for (const share of shares) {
    const factors = row.map((weight, channel) => reach[channel]! ** share / weight ** (1 - share));
    const whole = estimate(input, matrices, factors, []) / plain;
    const apart = largestChannels(reach.map((value, channel) => value / factors[channel]!), mostApart);
    const parted = k > 8 * mostApart ? estimate(input, matrices, factors, apart) / plain : Infinity;
    const option = parted < whole * apartWins ? { factors, apart, noise: parted } : { factors, apart: [], noise: whole };
    if (option.noise < (best?.noise ?? 1)) best = option;
  }
  return best;
}

/** The variance that rounding of input and weights adds to the outputs, summed over all of them. */
function estimate(input: ChannelStatistics, matrices: readonly Float32Array[], factors: Float32Array, apart: readonly number[]): number {
  const k = factors.length;
  const inInt8 = new Uint8Array(k).fill(1);
  for (const channel of apart) inInt8[channel] = 0;
  let [low, high, energy] = [0, 0, 0];
  for (let channel = 0; channel < k; channel += 1) {
    if (inInt8[channel] === 0) continue;
    low = Math.min(low, input.low[channel]! / factors[channel]!);
    high = Math.max(high, input.high[channel]! / factors[channel]!);
    energy += input.meanSquare[channel]! / factors[channel]! ** 2;
  }
  const inputStep = stepOf(high - low, 255);
  let noise = 0;
  for (const matrix of matrices) {
    const n = matrix.length / k;
    const columns = new Float32Array(n);
    let weightEnergy = 0;
    for (let channel = 0, at = 0; channel < k; channel += 1) {
      const factor = factors[channel]! * inInt8[channel]!;
      for (let column = 0; column < n; column += 1, at += 1) {
        const weight = Math.abs(matrix[at]!) * factor;
        weightEnergy += weight * weight;
        if (weight > columns[column]!) columns[column] = weight;
      }
    }
    noise += inputStep ** 2 * weightEnergy;
    for (const largest of columns) noise += stepOf(largest, 127) ** 2 * energy;
  }
  return noise / 12;
}

function largestOfRows(matrix: Float32Array, k: number): Float32Array {
  const n = matrix.length / k;
  return Float32Array.from({ length: k }, (_, row) => {
    let largest = 0;
    for (let at = row * n; at < (row + 1) * n; at += 1) largest = Math.max(largest, Math.abs(matrix[at]!));
    return largest;
  });
}

const largestChannels = (values: Float32Array, count: number): number[] =>
  [...values.keys()].sort((a, b) => values[b]! - values[a]!).slice(0, count).sort((a, b) => a - b);
