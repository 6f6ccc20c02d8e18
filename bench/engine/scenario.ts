import type { LoadClient } from "../load/load.ts";
import type { Row } from "./row.ts";
import type { StartSide } from "./side.ts";

/** What every scenario works with. */
export interface Bench {
  readonly ours: StartSide;
  /** Whether `ours` is our daemon, with settings and metrics, and not another server in its place. */
  readonly daemon: boolean;
  /** Null: only our own figures. */
  readonly peer: StartSide | null;
  readonly load: LoadClient;
  readonly rounds: number;
  /** The model for speed, a file. */
  readonly model: string;
  /** A file of ours by its name: written on first use. */
  readonly modelOf: (name: string) => string;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** It looks at what only our daemon has. */
  readonly oursOnly?: boolean | undefined;
  run(bench: Bench): Promise<readonly Row[]>;
}
