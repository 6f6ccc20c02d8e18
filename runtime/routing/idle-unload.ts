import type { Clock } from "../../base/clock.ts";

export interface IdleUnloadOptions {
  readonly ttlMs: number;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** Requests are in work or waiting. */
  readonly isBusy: () => boolean;
  readonly unload: () => Promise<void>;
  /** It could not be unloaded; after its next use it is tried again. */
  readonly onError: (error: unknown) => void;
}

/** Timers take 32 bits of milliseconds, 24.8 days; a longer one would fire at once. */
const longestSleepMs = 2 ** 31 - 1;

/**
 * Unloads a model that nobody has used for a while. A request that comes while it unloads is not refused: it waits for the process
 * to end and for the next one to load, as the first request of all did.
 */
export class IdleUnload {
  readonly #options: IdleUnloadOptions;
  #lastUseUs = 0;
  #watching = false;

  constructor(options: IdleUnloadOptions) {
    this.#options = options;
  }

  /** The model was loaded, or its last request in work has ended. */
  used(): void {
    this.#lastUseUs = this.#options.clock.nowUs();
    if (!this.#watching) this.#watch().catch(this.#options.onError);
  }

  async #watch(): Promise<void> {
    const { ttlMs, clock, sleep, isBusy, unload } = this.#options;
    this.#watching = true;
    for (;;) {
      const leftMs = ttlMs - (clock.nowUs() - this.#lastUseUs) / 1000;
      // While it is busy the end of its last request will say when the time begins anew.
      if (leftMs <= 0 || isBusy()) break;
      await sleep(Math.min(Math.ceil(leftMs), longestSleepMs));
    }
    this.#watching = false;
    if (!isBusy()) await unload();
  }
}
