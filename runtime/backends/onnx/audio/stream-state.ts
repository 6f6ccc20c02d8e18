import { InfernoError } from "../../../../protocol/errors.ts";

/** What a stream takes from one request to the next. The model keeps nothing: whoever streams sends it back, and may be lying. */
export interface StreamState {
  /** Counts and places, all whole numbers from −1 on. */
  readonly counts: readonly number[];
  readonly arrays: readonly Float32Array[];
}

/** "IFS1", so that bytes of another origin are not taken for a state. */
const magic = 0x31534649;

/** Magic, number of counts, number of arrays, the arrays' lengths, then the counts as float64 and the arrays as float32; little endian. */
export function packState({ counts, arrays }: StreamState): Uint8Array {
  const head = 12 + arrays.length * 4;
  const size = head + counts.length * 8 + arrays.reduce((sum, array) => sum + array.length * 4, 0);
  const view = new DataView(new ArrayBuffer(size));
  [magic, counts.length, arrays.length, ...arrays.map((array) => array.length)].forEach((value, index) => view.setUint32(index * 4, value, true));
  counts.forEach((count, index) => view.setFloat64(head + index * 8, count, true));
  let at = head + counts.length * 8;
  for (const array of arrays) {
    array.forEach((value, index) => view.setFloat32(at + index * 4, value, true));
    at += array.length * 4;
  }
  return new Uint8Array(view.buffer);
}

/** Throws `invalid_request` where the bytes are no state, or not of so many counts and arrays of at most such lengths. */
export function unpackState(bytes: Uint8Array, counts: number, longest: readonly number[]): StreamState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = 12 + longest.length * 4;
  if (bytes.length < head || view.getUint32(0, true) !== magic || view.getUint32(4, true) !== counts || view.getUint32(8, true) !== longest.length) throw foreign();
  const lengths = longest.map((_, index) => view.getUint32(12 + index * 4, true));
  const size = head + counts * 8 + lengths.reduce((sum, length) => sum + length * 4, 0);
  if (size !== bytes.length || lengths.some((length, index) => length > longest[index]!)) throw foreign();
  let at = head + counts * 8;
  const state: StreamState = {
    counts: Array.from({ length: counts }, (_, index) => view.getFloat64(head + index * 8, true)),
    arrays: lengths.map((length) => {
      const start = at;
      at += length * 4;
      return Float32Array.from({ length }, (_, index) => view.getFloat32(start + index * 4, true));
    }),
  };
  if (!state.counts.every((count) => Number.isSafeInteger(count) && count >= -1)) throw foreign();
  if (!state.arrays.every((array) => array.every(Number.isFinite))) throw foreign();
  return state;
}

export const foreign = (): InfernoError => new InfernoError("invalid_request", "The stream's state is not one that this model gave; send it as the last answer had it, or none to begin anew.", { param: "state" });
