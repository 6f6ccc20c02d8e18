import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Timer } from "../../base/timer.ts";
import { healthyAfterMs, retryDelayMs, type DaemonAddress, type DaemonState } from "./state.ts";

/** The world outside: processes, files and HTTP, as far as the controller needs them. */
export interface DaemonPorts {
  /** The daemon that runs already, if it answers. */
  find(): Promise<DaemonAddress | null>;
  /** Starts one; an abort ends the attempt and its process. */
  launch(signal: AbortSignal): Promise<DaemonAddress>;
  /** Tells the daemon that this window uses it. */
  attach(address: DaemonAddress): Promise<void>;
  requestStop(address: DaemonAddress): Promise<void>;
  isAlive(pid: number): boolean;
  /** A daemon that was told to stop takes its record away; one that crashed leaves it. */
  hasRecord(pid: number): Promise<boolean>;
  readonly timer: Timer;
  nowMs(): number;
}

/** One way from nothing to a running daemon, retries included. */
interface Attempt {
  readonly abort: AbortController;
  readonly running: Promise<DaemonAddress>;
  /** The daemon that answers already, though it is not ready for use yet. */
  reached: DaemonAddress | null;
}

const watchEveryMs = 1000;
const stopPollMs = 100;
const stopPolls = 200;

/** Keeps one daemon running for this window: finds or starts it, watches it, restarts it with growing pauses, and gives up in the end. */
export class DaemonController implements Disposable {
  readonly onState = new Emitter<DaemonState>();
  readonly #ports: DaemonPorts;
  #state: DaemonState = { kind: "stopped" };
  #attempt: Attempt | null = null;
  #watch: Disposable | null = null;
  #failures = 0;
  #startedMs = 0;
  #stoppedOnPurpose = false;

  constructor(ports: DaemonPorts) {
    this.#ports = ports;
  }

  get state(): DaemonState {
    return this.#state;
  }

  /** The running daemon; null in every other state. */
  get address(): DaemonAddress | null {
    return this.#state.kind === "running" ? this.#state.address : null;
  }

  /** Whether work of its own accord may start the daemon: not after a person stopped it, and not after it was given up. */
  get mayStartItself(): boolean {
    return this.#state.kind !== "failed" && !this.#stoppedOnPurpose;
  }

  /** Resolves with the running daemon, which may be one that ran already. Rejects when it was given up or stopped meanwhile. */
  async start(): Promise<DaemonAddress> {
    if (this.#state.kind === "running" && this.#ports.isAlive(this.#state.address.pid)) return this.#state.address;
    this.#stoppedOnPurpose = false;
    // A pause between attempts is no reason to let a person wait.
    if (this.#attempt !== null && this.#state.kind === "waiting") this.#abandon();
    if (this.#attempt === null) {
      this.#failures = 0;
      this.#begin(0);
    }
    return await this.#attempt!.running;
  }

  async stop(): Promise<void> {
    const { address } = this;
    const attempt = this.#attempt;
    this.#stoppedOnPurpose = true;
    this.#abandon();
    try {
      this.#set({ kind: "stopping" });
      // A start that was under way may have reached a daemon, which has to end as well.
      await attempt?.running.catch(() => undefined);
      const target = address ?? attempt?.reached ?? null;
      if (target !== null && this.#ports.isAlive(target.pid)) {
        await this.#ports.requestStop(target);
        await this.#ended(target);
      }
      this.#set({ kind: "stopped" });
    } catch (cause) {
      const error = InfernoError.from(cause);
      this.#set({ kind: "failed", error });
      throw error;
    }
  }

  async restart(): Promise<DaemonAddress> {
    await this.stop();
    return await this.start();
  }

  dispose(): void {
    this.#abandon();
    this.onState.dispose();
  }

  #begin(delayMs: number): void {
    const abort = new AbortController();
    const running = Promise.resolve().then(() => this.#run(attempt, delayMs)).finally(() => {
      if (this.#attempt === attempt) this.#attempt = null;
    });
    const attempt: Attempt = { abort, running, reached: null };
    this.#attempt = attempt;
    // Whoever called `start` sees the failure; a restart in the background shows it in the state.
    running.catch(() => undefined);
  }

  /** Ends the attempt or the watching that is under way. */
  #abandon(): void {
    this.#attempt?.abort.abort(new InfernoError("daemon_stopping", "The daemon was stopped before it had started."));
    this.#attempt = null;
    this.#watch?.dispose();
    this.#watch = null;
  }

  async #run(attempt: Attempt, firstDelayMs: number): Promise<DaemonAddress> {
    const { signal } = attempt.abort;
    await this.#pause(firstDelayMs, signal);
    for (;;) {
      try {
        signal.throwIfAborted();
        this.#set({ kind: "starting" });
        const address = (await this.#ports.find()) ?? (await this.#ports.launch(signal));
        attempt.reached = address;
        signal.throwIfAborted();
        await this.#ports.attach(address);
        signal.throwIfAborted();
        this.#startedMs = this.#ports.nowMs();
        this.#set({ kind: "running", address });
        this.#watchOver(address);
        return address;
      } catch (cause) {
        signal.throwIfAborted();
        await this.#pause(this.#afterFailure(InfernoError.from(cause)), signal);
      }
    }
  }

  /** Returns the pause before the next attempt; throws when there will be none. */
  #afterFailure(error: InfernoError): number {
    this.#failures += 1;
    const delayMs = error.retry === "never" ? null : retryDelayMs(this.#failures);
    if (delayMs === null) {
      this.#set({ kind: "failed", error });
      throw error;
    }
    this.#set({ kind: "waiting", delayMs, error });
    return delayMs;
  }

  #watchOver(address: DaemonAddress): void {
    this.#watch?.dispose();
    this.#watch = this.#ports.timer.after(watchEveryMs, () => {
      if (this.#ports.isAlive(address.pid)) this.#watchOver(address);
      else void this.#died(address);
    });
  }

  async #died(address: DaemonAddress): Promise<void> {
    const crashed = await this.#ports.hasRecord(address.pid);
    if (this.address !== address) return;
    if (!crashed) {
      // Somebody stopped it elsewhere (another window, `inferno stop`): starting it again would be a fight.
      this.#stoppedOnPurpose = true;
      this.#set({ kind: "stopped" });
      return;
    }
    if (this.#ports.nowMs() - this.#startedMs >= healthyAfterMs) this.#failures = 0;
    try {
      this.#begin(this.#afterFailure(new InfernoError("daemon_unreachable", `The daemon (pid ${address.pid}) ended unexpectedly.`)));
    } catch {
      // Given up: the state says so.
    }
  }

  async #ended({ pid }: DaemonAddress): Promise<void> {
    for (let poll = 0; poll < stopPolls; poll += 1) {
      if (!this.#ports.isAlive(pid)) return;
      await this.#pause(stopPollMs);
    }
    throw new InfernoError("daemon_stopping", `The daemon (pid ${pid}) does not end.`, { hint: "End its process by hand, then start it again." });
  }

  async #pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds === 0) return;
    await new Promise<void>((resolve, reject) => {
      const waiting = this.#ports.timer.after(milliseconds, resolve);
      signal?.addEventListener("abort", () => {
        waiting.dispose();
        reject(InfernoError.from(signal.reason));
      });
    });
  }

  #set(state: DaemonState): void {
    this.#state = state;
    this.onState.emit(state);
  }
}
