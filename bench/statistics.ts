export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The value below which a share `q` (0…1) of the values lies, linear between neighbours. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new Error("quantile of nothing");
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * A B B A: each pass is mirrored, so that a machine that slowly gets faster or slower (heat, neighbours) favours no side.
 * Each round runs every program twice; returns the values of each in order.
 */
export async function mirrored<T>(rounds: number, programs: readonly (() => Promise<T>)[]): Promise<T[][]> {
  const results: T[][] = programs.map(() => []);
  const order = [...programs.keys()];
  for (let round = 0; round < rounds; round += 1) {
    for (const index of [...order, ...order.toReversed()]) results[index]!.push(await programs[index]!());
  }
  return results;
}

/** Two programs in turn. */
export async function inTurn<A, B>(rounds: number, a: () => Promise<A>, b: () => Promise<B>): Promise<{ a: A[]; b: B[] }> {
  const results: { a: A[]; b: B[] } = { a: [], b: [] };
  const runA = async (): Promise<void> => void results.a.push(await a());
  const runB = async (): Promise<void> => void results.b.push(await b());
  await mirrored(rounds, [runA, runB]);
  return results;
}

/** Median and spread of the ratio of neighbouring runs: noise that both share cancels. */
export function ratio(a: readonly number[], b: readonly number[]): { median: number; low: number; high: number } {
  const ratios = a.map((value, index) => value / b[index]!);
  return { median: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}
