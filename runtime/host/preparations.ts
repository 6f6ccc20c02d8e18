import type { TaskJob } from "./task-job.ts";

/** Decoding runs on libuv's few threads and holds whole images in memory: more at once would only take more memory. */
const mostAtOnce = 4;

export interface PreparationsOptions {
  /** Never rejects. */
  readonly prepare: (job: TaskJob) => Promise<void>;
  /** Which preparations take long has changed; see the message `busy`. */
  readonly onSlow: () => void;
}

/** Requests are prepared several at once, the rest waits in order of arrival. Of suspects only one is in work at a time, so that the next crash names one. */
export class Preparations {
  readonly #options: PreparationsOptions;
  #queue: TaskJob[] = [];
  readonly #active = new Set<TaskJob>();
  readonly #slow = new Set<TaskJob>();
  #suspect: TaskJob | null = null;

  constructor(options: PreparationsOptions) {
    this.#options = options;
  }

  /** Those that take longer than a turn of the event loop: native code is at work on them. */
  get slow(): readonly TaskJob[] {
    return [...this.#slow];
  }

  add(job: TaskJob): void {
    this.#queue.push(job);
    this.#next();
  }

  /** The request is over. A preparation under way cannot be ended: it keeps its place. */
  over(job: TaskJob): void {
    this.#queue = this.#queue.filter((other) => other !== job);
    if (this.#suspect === job) this.#suspect = null;
    this.#next();
  }

  #next(): void {
    while (this.#active.size < mostAtOnce) {
      const job = this.#queue.find(({ suspect }) => !suspect || this.#suspect === null);
      if (job === undefined) return;
      this.#queue = this.#queue.filter((other) => other !== job);
      void this.#prepare(job);
    }
  }

  async #prepare(job: TaskJob): Promise<void> {
    const { prepare, onSlow } = this.#options;
    this.#active.add(job);
    if (job.suspect) this.#suspect = job;
    const becomesSlow = (): void => {
      this.#slow.add(job);
      onSlow();
    };
    // Texts are prepared within the turn, and a message about each would cost more than they do.
    const soon = job.suspect ? undefined : setImmediate(becomesSlow);
    if (job.suspect) becomesSlow();
    await prepare(job);
    clearImmediate(soon);
    this.#slow.delete(job);
    this.#active.delete(job);
    this.#next();
  }
}
