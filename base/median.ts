/** The middle of the values; of an even number of them, the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const ascending = values.toSorted((a, b) => a - b);
  const half = Math.floor(ascending.length / 2);
  const upper = ascending[half] ?? Number.NaN;
  return ascending.length % 2 === 1 ? upper : (upper + (ascending[half - 1] ?? Number.NaN)) / 2;
}
