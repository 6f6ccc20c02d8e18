/**
 * The values that would stand at these places if all were sorted. The array is left partly sorted. Finding a few ranks takes a pass or two over the values,
 * where sorting a million takes some twenty.
 */
export function valuesAtRanks(values: Float64Array, ranks: readonly number[]): number[] {
  let from = 0;
  const found = new Map<number, number>();
  for (const rank of [...new Set(ranks)].sort((a, b) => a - b)) {
    found.set(rank, selectRank(values, rank, from));
    // What stands before the rank is not larger: the next one is sought behind it.
    from = rank;
  }
  return ranks.map((rank) => found.get(rank)!);
}

function selectRank(values: Float64Array, rank: number, from: number): number {
  let [low, high] = [from, values.length - 1];
  while (low < high) {
    const pivot = middleOf(values[low]!, values[(low + high) >>> 1]!, values[high]!);
    let [left, right] = [low, high];
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const swapped = values[left]!;
      values[left++] = values[right]!;
      values[right--] = swapped;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank]!;
}

const middleOf = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

/** The place of a percentile, by nearest rank: a value that was measured, never one between two. */
const rankOf = (count: number, part: number): number => Math.max(0, Math.ceil(part * count) - 1);

/** Percentiles of values in any order, which are moved about; 0 where there are none. */
export const percentiles = (values: Float64Array, ...parts: readonly number[]): number[] =>
  values.length === 0 ? parts.map(() => 0) : valuesAtRanks(values, parts.map((part) => rankOf(values.length, part)));
