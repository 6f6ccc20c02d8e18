import type { Target } from "../load/job.ts";

/** What a scenario needs of a server, ours or the peer's. */
export interface Needs {
  /** A model file. */
  readonly model: string;
  /** Streams at once. */
  readonly parallel: number;
  /** Tokens of one stream, prompt and answer together. */
  readonly context: number;
  /** Lines of our configuration for the model, such as `speculation`; a peer does not see them. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/** A server that runs with a loaded model. */
export interface Side {
  readonly target: Target;
  /** From its start to its first token, in milliseconds; null for a server that ran already. */
  readonly startMs: number | null;
  /** Its processes; empty for a server elsewhere. */
  readonly pids: () => readonly number[];
  readonly stop: () => Promise<void>;
}

/** Starts a server for a scenario, so that none inherits another's cache. */
export type StartSide = (needs: Needs) => Promise<Side>;
