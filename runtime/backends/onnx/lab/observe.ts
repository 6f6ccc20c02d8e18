import type { Session } from "../session.ts";
import type { Tensor, Tensors } from "../tensors.ts";
import type { Observation } from "./questions.ts";

interface Seen {
  low: number;
  high: number;
  count: number;
  lows: Float32Array;
  highs: Float32Array;
  squares: Float64Array;
  rows: number;
  rowSquares: number;
}

/** Runs all inputs once for the ranges, and, where a histogram is wanted, again to fill it: only then its ends are known. */
export async function observe(session: Session, inputs: readonly Tensors[], values: readonly string[], bins: number, onRun: () => void): Promise<Observation[]> {
  const seen = new Map<string, Seen>();
  const each = async (visit: (name: string, data: Float32Array, shape: readonly number[]) => void): Promise<void> => {
    for (const feeds of inputs) {
      const results = await session.run(feeds, values);
      onRun();
      for (const name of values) {
        const tensor: Tensor | undefined = results[name];
        if (tensor?.type === "float32") visit(name, tensor.data, tensor.shape);
      }
    }
  };
  await each((name, data, shape) => seen.set(name, look(seen.get(name), data, shape.at(-1) ?? 1)));
  const histograms = new Map<string, Float64Array>();
  if (bins > 0) {
    await each((name, data) => {
      const histogram = histograms.get(name) ?? new Float64Array(bins);
      histograms.set(name, histogram);
      const { low, high } = seen.get(name) ?? { low: 0, high: 0 };
      for (const value of data) histogram[binOf(value, low, high, bins)]! += 1;
    });
  }
  return [...seen].map(([name, { low, high, count, lows, highs, squares, rows, rowSquares }]) => ({
    name, low, high, histogram: histograms.get(name) ?? new Float64Array(0),
    channels: {
      low: lows, high: highs, meanSquare: Float32Array.from(squares, (sum) => (sum * squares.length) / Math.max(1, count)),
      rowShare: rowSquares === 0 ? 1 : rowSquares / rows / Math.max(low * low, high * high),
    },
  }));
}

const binOf = (value: number, low: number, high: number, bins: number): number =>
  high > low ? Math.max(0, Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))) : 0;

function look(before: Seen | undefined, data: Float32Array, width: number): Seen {
  const seen = before ?? { low: Infinity, high: -Infinity, count: 0, lows: new Float32Array(width), highs: new Float32Array(width), squares: new Float64Array(width), rows: 0, rowSquares: 0 };
  let ofRow = 0;
  for (let i = 0; i < data.length; i += 1) {
    // A last dimension whose size changes from input to input has no channels; what is counted then is not used.
    const channel = i % width;
    if (channel === 0) ofRow = 0;
    const value = data[i]!;
    if (Number.isFinite(value)) {
      ofRow = Math.max(ofRow, Math.abs(value));
      count(seen, channel, value);
    }
    if (channel === width - 1) {
      seen.rows += 1;
      seen.rowSquares += ofRow * ofRow;
    }
  }
  seen.count += data.length;
  return seen;
}

function count(seen: Seen, channel: number, value: number): void {
  if (value < seen.low) seen.low = value;
  if (value > seen.high) seen.high = value;
  if (channel >= seen.squares.length) return;
  seen.lows[channel] = Math.min(seen.lows[channel]!, value);
  seen.highs[channel] = Math.max(seen.highs[channel]!, value);
  seen.squares[channel]! += value * value;
}
