import type { Logger } from "pino";

export interface DaemonOptions {
  /** State folder (INFERNO_HOME), created when absent. */
  readonly home: string;
  /** Path of an inferno.yaml; without one only the embedded model is served. */
  readonly config?: string | undefined;
  /** Win over the configuration's `server.host` and `server.port`. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** A private daemon inside the calling process: no lock, no daemon.json; others cannot find it. */
  readonly ephemeral?: boolean | undefined;
  /** Process on whose behalf this daemon runs; it ends when neither this nor any attached process lives. */
  readonly owner?: number | undefined;
  /** Accept `fake:` sources; for tests. Default: the environment's INFERNO_ALLOW_FAKE is 1. */
  readonly allowFake?: boolean | undefined;
  /** Where to log; default: logs/daemon.log in the state folder. */
  readonly log?: Logger | undefined;
}

export interface Daemon {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly version: string;
  /** False when a daemon of this state folder ran already: this is then that one, with `config` attached to it. */
  readonly owned: boolean;
  /** Names of the models served. */
  readonly models: readonly string[];
  /** Resolves when the daemon has ended, whoever asked for it (`close`, POST /api/v1/stop, a signal, the last owner gone). */
  readonly closed: Promise<void>;
  /** Finishes the requests in work, then ends. Does nothing to a daemon that was only found. */
  close(): Promise<void>;
}

/**
 * Starts the daemon of this state folder, or finds the one that runs. Rejects with `config_missing`, `config_invalid`, `alias_conflict`,
 * `port_in_use` or `home_unwritable`. Signals are the caller's: see `closeOnSignals` in signals.ts.
 */
export async function startDaemon(_options: DaemonOptions): Promise<Daemon> {
  throw new Error("not yet");
}
