import { isDeepStrictEqual } from "node:util";
import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import type { Client } from "../../protocol/client/index.ts";
import type { Timer } from "../../base/timer.ts";

export interface PollerOptions<T> {
  readonly timer: Timer;
  /** The daemon, when it runs. */
  readonly client: () => Client | null;
  readonly fetch: (client: Client) => Promise<T>;
  /** The pause until the next look, by what the last one saw. */
  readonly pauseMs: (value: T | null) => number;
  readonly onError: (error: unknown) => void;
}

/** Keeps a copy of something that the daemon knows. Looks again after a pause, and at once when told to; asks only while somebody watches. */
export class Poller<T> implements Disposable {
  /** The value has changed; null while no daemon runs. */
  readonly onChange = new Emitter<T | null>();
  readonly #options: PollerOptions<T>;
  #value: T | null = null;
  #watchers = 0;
  #waiting: Disposable | null = null;
  #asking: Promise<void> | null = null;

  constructor(options: PollerOptions<T>) {
    this.#options = options;
  }

  get value(): T | null {
    return this.#value;
  }

  /** Asks as long as the returned watch is not disposed. */
  watch(): Disposable {
    this.#watchers += 1;
    if (this.#watchers === 1) void this.refresh();
    let done = false;
    return {
      dispose: () => {
        if (done) return;
        done = true;
        this.#watchers -= 1;
        if (this.#watchers === 0) this.#waiting?.dispose();
      },
    };
  }

  /** Asks now. A question that is under way is waited for, not repeated. */
  async refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
      this.#schedule();
    });
    await this.#asking;
  }

  dispose(): void {
    this.#watchers = 0;
    this.#waiting?.dispose();
    this.onChange.dispose();
  }

  #schedule(): void {
    this.#waiting?.dispose();
    if (this.#watchers === 0) return;
    this.#waiting = this.#options.timer.after(this.#options.pauseMs(this.#value), () => void this.refresh());
  }

  async #ask(): Promise<void> {
    const client = this.#options.client();
    let value: T | null = null;
    try {
      if (client !== null) value = await this.#options.fetch(client);
    } catch (error) {
      this.#options.onError(error);
    }
    if (isDeepStrictEqual(value, this.#value)) return;
    this.#value = value;
    this.onChange.emit(value);
  }
}
