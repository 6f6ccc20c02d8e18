import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { packageRoot } from "../../base/package-root.ts";
import { systemClock } from "../../base/system-clock.ts";
import { systemTimer } from "../../base/system-timer.ts";
import { Client } from "../../protocol/client/index.ts";
import { Config } from "../../protocol/config.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { newToken } from "../access/access.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { ModelRegistry } from "../config/registry.ts";
import { homePaths, openHome, unwritable } from "../home/home.ts";
import { hostSpawner } from "../host/process.ts";
import type { HttpServer } from "../http/server.ts";
import { createGateway } from "../pipeline.ts";
import { eventLoopDelay } from "../trace/vitals.ts";
import { brokenStore, openTraceStore, type TraceStore } from "../store/trace-store.ts";
import { takeLock } from "./lock.ts";
import { fileLogger, logFailure } from "./log.ts";
import { removeRecord, writeRecord, type DaemonRecord } from "./record.ts";
import { RunningDaemon } from "./running.ts";
import { packageVersion } from "./version.ts";

export interface DaemonOptions {
  /** State folder (INFERNO_HOME), created when absent. */
  readonly home: string;
  /** Path of an inferno.yaml; without one only the embedded model is served. */
  readonly config?: string | undefined;
  /** Win over the configuration's `server.host` and `server.port`. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** A private daemon inside the calling process, on a free port: no lock, no daemon.json; others cannot find it. */
  readonly ephemeral?: boolean | undefined;
  /** Process on whose behalf this daemon runs; it ends when neither this nor any attached process lives. */
  readonly owner?: number | undefined;
  /** How long it outlives them: an editor's window that reloads comes back as another process. Default 5 s. */
  readonly ownerGraceMs?: number | undefined;
  /** Accept `fake:` sources; for tests. Default: the environment's INFERNO_ALLOW_FAKE is 1. */
  readonly allowFake?: boolean | undefined;
  /** Where to log; default: logs/daemon.log in the state folder. */
  readonly log?: Logger | undefined;
  /** Pause after which a waiting stream gets a comment, and a reader that takes nothing is disconnected. For tests. */
  readonly heartbeatMs?: number | undefined;
  readonly stallMs?: number | undefined;
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
  /** Resolves when the daemon has ended, whoever asked for it (`close`, POST /api/v1/stop, the last owner gone). */
  readonly closed: Promise<void>;
  /** Finishes the requests in work, then ends. Does nothing to a daemon that was only found. Signals are the caller's to turn into this. */
  close(): Promise<void>;
}

/** As long as web servers commonly wait (nginx's `send_timeout`): a paused answer keeps its place and its cells. */
const readerStallMs = 60_000;

/**
 * Starts the daemon of this state folder, or finds the one that runs. Rejects with `config_missing`, `config_invalid`, `alias_conflict`,
 * `port_in_use` or `home_unwritable`.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const home = resolve(options.home);
  openHome(home);
  const loaded = options.config === undefined ? null : await loadConfig(options.config);
  if (options.ephemeral === true) return await run(home, options, loaded);

  const lock = await takeLock({ home, pid: process.pid });
  if (lock.kind === "found") return await attachTo(lock.record, options, loaded);
  try {
    const daemon = await run(home, options, loaded);
    void daemon.closed.then(lock.release);
    return daemon;
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function attachTo(record: DaemonRecord, { owner }: DaemonOptions, loaded: LoadedConfig | null): Promise<Daemon> {
  const { models } = await new Client(record).call("attach", { body: { pid: owner ?? process.pid, config: loaded?.path } });
  return { ...record, owned: false, models, closed: Promise.resolve(), close: async () => {} };
}

async function run(home: string, options: DaemonOptions, loaded: LoadedConfig | null): Promise<Daemon> {
  const root = packageRoot(import.meta.dirname);
  const log = options.log ?? fileLogger(homePaths(home).log);
  const { server, traces } = loaded?.config ?? Config.parse({});
  const allowFake = options.allowFake ?? process.env["INFERNO_ALLOW_FAKE"] === "1";
  const registry = new ModelRegistry({ packageRoot: root, allowFake });
  if (loaded !== null) registry.attach(loaded);

  const token = newToken();
  const host = options.host ?? server.host;
  const store = openStore(home, traces.keep, log);
  const running = new RunningDaemon({
    version: packageVersion(root), registry, store, log,
    ownerGraceMs: options.owner === undefined ? null : (options.ownerGraceMs ?? 5_000),
    retract: () => removeRecord(home, process.pid),
  });
  const gateway = await createGateway({
    clock: systemClock, home, registry, store, control: running,
    listen: { host, token },
    spawn: hostSpawner(root, (line, pid) => log.info({ host: pid }, line)),
    limits: { queue: server.queue },
    panels: join(root, "dist", "webviews"),
    sse: { heartbeatMs: options.heartbeatMs ?? 10_000, stallMs: options.stallMs ?? readerStallMs },
    watch: { timer: systemTimer, loop: eventLoopDelay() },
    // A model's back-off must not keep a daemon's process that has ended.
    sleep: (ms) => pause(ms, undefined, { ref: false }),
    onServerError: (error) => logFailure(log, error),
  });
  const port = options.port ?? (options.ephemeral === true ? 0 : server.port);
  try {
    const url = await listen(gateway.http, host, port);
    const record = { url, token, pid: process.pid, version: running.version };
    if (options.ephemeral !== true) await writeRecord(home, record).catch((cause: unknown) => Promise.reject(unwritable(home, cause)));
    const models = await running.attach(options.owner ?? process.pid, undefined);
    running.run(gateway);
    log.info({ url, version: running.version, models }, "listening");
    return { ...record, owned: true, models, closed: running.closed, close: () => running.close() };
  } catch (error) {
    await gateway.http.close();
    store.close();
    throw error;
  }
}

async function listen(http: HttpServer, host: string, port: number): Promise<string> {
  // Node listens everywhere then: a variable that is not set must not open the daemon to the network.
  if (host === "") throw new InfernoError("config_invalid", "The address to listen on is empty.", { param: "server.host", hint: "Name one, such as 127.0.0.1, or leave it out." });
  try {
    await http.listen({ host, port });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : "";
    if (code === "EADDRINUSE") throw new InfernoError("port_in_use", `Port ${port} of ${host} is taken by another program.`, { cause });
    throw new InfernoError("config_invalid", `Cannot listen at ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause, param: "server.host" });
  }
  const [address] = http.addresses();
  if (address === undefined || typeof address === "string") throw new InfernoError("internal", "The server listens nowhere.");
  // "Everywhere" is no address that a client could call.
  const name = address.address === "0.0.0.0" || address.address === "::" ? "127.0.0.1" : address.address;
  return `http://${name.includes(":") ? `[${name}]` : name}:${address.port}`;
}

/** Requests are answered without a store too; whoever reads traces is told why there are none. */
function openStore(home: string, keep: number, log: Logger): TraceStore {
  try {
    return openTraceStore({ path: homePaths(home).traces, keep });
  } catch (error) {
    const failure = InfernoError.from(error);
    logFailure(log, failure);
    return brokenStore(failure);
  }
}
