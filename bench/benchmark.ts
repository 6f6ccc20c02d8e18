export interface BenchOptions {
  /** A GGUF file instead of Ember. */
  readonly model?: string | undefined;
  readonly rounds?: string | undefined;
  /** Most rows per task, for an evaluation. */
  readonly limit?: string | undefined;
}

export interface BenchReport {
  readonly lines: readonly string[];
  readonly data: unknown;
}

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(options: BenchOptions): Promise<BenchReport>;
}

/** A whole number of the command line. */
export function count(text: string | undefined, fallback: number): number {
  const value = Number(text ?? fallback);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${text ?? ""} is not a positive whole number`);
  return value;
}
