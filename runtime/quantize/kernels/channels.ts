/** A tensor seen along one axis: the values of channel c lie at `(o * channels + c) * inner + i`, for every outer o and inner i. */
export interface ChannelView {
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}

const product = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);

/** Along `axis`; negative axes count from the end, as ONNX has it. */
export function channelView(dims: readonly number[], axis: number): ChannelView {
  const at = axis < 0 ? axis + dims.length : axis;
  return { outer: product(dims.slice(0, at)), channels: dims[at] ?? 1, inner: product(dims.slice(at + 1)) };
}

/** Calls `visit(channel, start, end)` for each run of neighbouring values of one channel. */
export function eachRun({ outer, channels, inner }: ChannelView, visit: (channel: number, start: number, end: number) => void): void {
  for (let o = 0, start = 0; o < outer; o += 1) {
    for (let channel = 0; channel < channels; channel += 1, start += inner) visit(channel, start, start + inner);
  }
}

/** The transpose of a row-major [rows, columns] matrix. */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const turned = new Float32Array(values.length);
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, at += 1) turned[column * rows + row] = values[at]!;
  }
  return turned;
}
