import type { Row } from "../engine/row.ts";

export interface OnnxBench {
  /** Each runs both sides twice: A B B A. */
  readonly rounds: number;
  /** Of both sides. */
  readonly threads: number;
}

export interface OnnxScenario {
  readonly name: string;
  readonly about: string;
  run(bench: OnnxBench): Promise<readonly Row[]>;
}
