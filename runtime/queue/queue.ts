import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";

export interface QueueOptions {
  /** For messages. */
  readonly model: string;
  /** Requests that may wait. */
  readonly limit: number;
  /** Requests that may be in work at once; see `resize`. */
  readonly places: number;
  /** Which waiting entry is next; the oldest of the highest priority by default. A later policy may be fair between tenants. */
  readonly next?: ((waiting: readonly QueueEntry[]) => number) | undefined;
  readonly clock: Clock;
}

export interface QueueEntry {
  readonly id: string;
  /** Higher goes first. */
  readonly priority: number;
}

interface Waiting extends QueueEntry {
  readonly enter: () => void;
}

/** The oldest of the highest priority. */
const mostUrgent = (waiting: readonly QueueEntry[]): number => {
  const highest = Math.max(...waiting.map(({ priority }) => priority));
  return waiting.findIndex(({ priority }) => priority === highest);
};

/** The requests of one model: a few in work, a bounded number waiting, never an unbounded buffer. */
export class RequestQueue {
  readonly #options: QueueOptions;
  readonly #waiting: Waiting[] = [];
  #places: number;
  /** Beside those, for requests that stand. */
  #lent = 0;
  #running = 0;
  /** Moving average of how long a request keeps its place; a second until one has been seen. */
  #averageUs = 1e6;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#places = options.places;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  /** The host has said how many sequences it really runs. */
  resize(places: number): void {
    this.#places = places;
    this.#admit();
  }

  /** One place more, because one is taken by a request that does nothing; the result takes it back. */
  lend(): () => void {
    this.#lent += 1;
    this.#admit();
    return () => (this.#lent -= 1);
  }

  /** Waits for a place and returns the function that gives it back. Throws `queue_full`; rejects with the signal's reason. */
  async enter(entry: QueueEntry, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running >= this.#places + this.#lent || this.#waiting.length > 0) await this.#wait(entry, signal);
    else this.#running += 1;
    return this.#place();
  }

  #wait(entry: QueueEntry, signal: AbortSignal): Promise<void> {
    const { limit, model } = this.#options;
    if (this.#waiting.length >= limit) {
      // Those who wait and one more share the places.
      const retryAfter = Math.ceil((this.#averageUs * (this.#waiting.length + 1)) / (this.#places + this.#lent) / 1e6);
      throw new InfernoError("queue_full", `${limit} requests wait for "${model}" already.`, { retryAfter: Math.max(1, retryAfter) });
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        ...entry,
        enter: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(waiting);
    });
  }

  #place(): () => void {
    const { clock } = this.#options;
    const sinceUs = clock.nowUs();
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#averageUs += (clock.nowUs() - sinceUs - this.#averageUs) / 4;
      this.#running -= 1;
      this.#admit();
    };
  }

  #admit(): void {
    while (this.#running < this.#places + this.#lent && this.#waiting.length > 0) {
      const index = (this.#options.next ?? mostUrgent)(this.#waiting);
      const [entry] = this.#waiting.splice(index, 1);
      if (entry === undefined) return;
      // Counted here and not by the one who waited: another must not slip in before its promise resolves.
      this.#running += 1;
      entry.enter();
    }
  }
}
