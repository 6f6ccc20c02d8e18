import type { LoadClient } from "../load/load.ts";
import type { Row } from "./row.ts";
import type { Needs, StartSide } from "./side.ts";

/** What every scenario works with. */
export interface Bench {
  readonly ours: StartSide;
  /** Null: only our own figures. */
  readonly peer: StartSide | null;
  readonly load: LoadClient;
  readonly rounds: number;
  /** The model for speed, a file. */
  readonly model: string;
  /** A file of ours by its name: written on first use. */
  readonly modelOf: (name: string) => string;
  readonly threads: number | undefined;
  readonly say: (line: string) => void;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  run(bench: Bench): Promise<readonly Row[]>;
}

export type { Needs };
