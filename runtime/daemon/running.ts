import { isAbsolute } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { InfernoError } from "../../protocol/errors.ts";
import { loadConfig } from "../config/load.ts";
import type { ModelRegistry } from "../config/registry.ts";
import type { DaemonControl } from "../http/routes/daemon.ts";
import type { Gateway } from "../pipeline.ts";
import type { TraceStore } from "../store/trace-store.ts";
import { Owners } from "./owners.ts";

export interface RunningOptions {
  readonly version: string;
  readonly registry: ModelRegistry;
  readonly store: TraceStore;
  readonly log: Logger;
  /** Ends this long after its last owner; null for a daemon that nobody owns. */
  readonly ownerGraceMs: number | null;
  /** Lets others find the daemon no more. */
  readonly retract: () => Promise<void>;
}

/** How long requests in work may go on after `stop`. */
const finishMs = 10_000;
/** How long their last events may take to be written. */
const writeMs = 1_000;

/** The life of this process's daemon between `listen` and its end. */
export class RunningDaemon implements DaemonControl {
  readonly pid = process.pid;
  readonly #options: RunningOptions;
  readonly #startedAt = performance.now();
  readonly #owners = new Owners();
  readonly closed: Promise<void>;
  #resolveClosed = () => {};
  #gateway: Gateway | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: RunningOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  get version(): string {
    return this.#options.version;
  }

  get stopping(): boolean {
    return this.#closing !== null;
  }

  uptimeSeconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** The gateway that this life is about; its HTTP side in turn knows this object, hence not in the constructor. */
  run(gateway: Gateway): void {
    this.#gateway = gateway;
    const { ownerGraceMs } = this.#options;
    if (ownerGraceMs === null) return;
    let seenAt = performance.now();
    const watch = setInterval(() => {
      if (this.#owners.anyAlive()) seenAt = performance.now();
      else if (performance.now() - seenAt >= ownerGraceMs) this.stop();
    }, Math.min(1000, ownerGraceMs));
    void this.closed.then(() => clearInterval(watch));
  }

  async attach(pid: number, config: string | undefined): Promise<readonly string[]> {
    const { registry } = this.#options;
    if (config !== undefined) {
      // The daemon's own working folder means nothing to the caller.
      if (!isAbsolute(config)) throw new InfernoError("invalid_request", `config: "${config}" is not an absolute path.`, { param: "config" });
      registry.attach(await loadConfig(config));
    }
    this.#owners.add(pid);
    return registry.all.map(({ name }) => name);
  }

  stop(): void {
    void this.close();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { log, store, retract } = this.#options;
    const gateway = this.#gateway;
    log.info("stopping");
    gateway?.router.stopTaking();
    // A record that stays is harmless, for nothing answers at its address; a daemon that never ends is not.
    await retract().catch((error: unknown) => log.error({ err: error }, "daemon.json could not be removed"));
    if (gateway !== null) {
      const { router, http, traces, debug } = gateway;
      await debug.endAll();
      await until(() => !router.busy, finishMs);
      await router.dispose();
      await until(() => !router.busy, writeMs);
      const ended = http.close();
      const cut = setTimeout(() => http.server.closeAllConnections(), writeMs);
      await ended;
      clearTimeout(cut);
      await traces.flush();
    }
    store.close();
    log.info("stopped");
    this.#resolveClosed();
  }
}

async function until(done: () => boolean, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!done() && performance.now() < deadline) await pause(10);
}
