export interface BenchOptions {
  /** A GGUF file, or the name of a model that the benchmark makes, instead of the benchmark's own choice. */
  readonly model?: string | undefined;
  readonly rounds?: string | undefined;
  /** Most rows per task, for an evaluation. */
  readonly limit?: string | undefined;
  /** The address of a server to compare with, and what to send it. */
  readonly peer?: string | undefined;
  readonly "peer-model"?: string | undefined;
  readonly "peer-token"?: string | undefined;
  /** A command that starts the server to compare with; {model}, {port}, {parallel}, {context} and {threads} are filled in. */
  readonly "peer-command"?: string | undefined;
  /** The same for another server in our place. */
  readonly "our-command"?: string | undefined;
  /** Scenarios, separated by commas. */
  readonly only?: string | undefined;
  readonly threads?: string | undefined;
  readonly "kv-layout"?: string | undefined;
  /** Folder for the models that the benchmark makes. */
  readonly cache?: string | undefined;
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
