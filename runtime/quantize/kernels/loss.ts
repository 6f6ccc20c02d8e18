/** What a weight lost: how far its values are from what stands for them now. */
export interface Loss {
  /** Root mean square of the differences, as a share of that of the values. */
  readonly relative: number;
  /** The largest difference. */
  readonly largest: number;
}

export function lossOf(before: Float32Array, after: Float32Array): Loss {
  let [signal, noise, largest] = [0, 0, 0];
  for (let i = 0; i < before.length; i += 1) {
    // Infinities and NaN stay what they are in every form that takes them.
    if (!Number.isFinite(before[i]!)) continue;
    const difference = Math.abs(before[i]! - after[i]!);
    signal += before[i]! ** 2;
    noise += difference ** 2;
    if (difference > largest) largest = difference;
  }
  return { relative: signal === 0 ? 0 : Math.sqrt(noise / signal), largest };
}

export function allFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}
