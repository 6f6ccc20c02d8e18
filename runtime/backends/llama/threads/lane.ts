export interface LaneOptions {
  /** Thread counts to compare, in the order in which to try them. */
  readonly candidates: readonly number[];
  /**
   * Steps of many tokens take so long that two of them must do for a measurement (one alone was now and then a slow one, and decided for half a
   * minute), and that a wrong count is felt: they begin with as many threads as are free, and compare after many of them.
   */
  readonly wide: boolean;
  /** What an earlier run found best. */
  readonly known: number | undefined;
  readonly nowUs: number;
}

interface Samples {
  /** Microseconds per token, newest last. */
  readonly values: number[];
  median: number;
  /** The first step after a change pays for waking other threads. */
  skip: number;
}

const kept = 5;
/** More threads must be this much faster to be worth the cores that they take. */
const worthwhile = 0.97;
const refreshUs = 10_000_000;
/** Measuring anew may cost one in this many steps. */
const refreshSteps = 200;
/** So many wide steps are taken before others than the first count are tried. */
const untried = 50;

/** Which thread count is fastest for steps of one width, from the durations of such steps. */
export class Lane {
  readonly #candidates: readonly number[];
  readonly #ascending: readonly number[];
  readonly #wide: boolean;
  readonly #needed: number;
  readonly #skipped: number;
  readonly #samples = new Map<number, Samples>();
  #known: number | undefined;
  #refreshAtUs: number;
  #stepUs = 0;
  #steps = 0;

  constructor({ candidates, wide, known, nowUs }: LaneOptions) {
    this.#candidates = candidates;
    this.#ascending = [...candidates].sort((a, b) => a - b);
    this.#wide = wide;
    this.#needed = wide ? 2 : 3;
    this.#skipped = wide ? 0 : 1;
    this.#known = known !== undefined && candidates.includes(known) ? known : undefined;
    this.#refreshAtUs = nowUs + refreshUs;
  }

  /** All counts have been tried. */
  get measured(): boolean {
    return this.#candidates.every((threads) => this.#isMeasured(threads));
  }

  /** The count for the next step: one that is not measured yet, or the best. */
  choose(limit: number, nowUs: number): number {
    if (this.measured && nowUs >= this.#refreshAtUs) this.#forgetOthers(nowUs);
    if (this.#known !== undefined && nowUs < this.#refreshAtUs) return this.#known;
    this.#known = undefined;
    if (this.#wide && this.#steps < untried) {
      const most = this.#ascending.findLast((threads) => threads <= limit);
      return most !== undefined && !this.#isMeasured(most) ? most : this.best(limit);
    }
    return this.#candidates.find((threads) => threads <= limit && !this.#isMeasured(threads)) ?? this.best(limit);
  }

  /** What `choose` would say if there were nothing left to measure. */
  settled(limit: number): number {
    if (this.#known !== undefined) return this.#known;
    return this.#candidates.some((threads) => this.#isMeasured(threads)) ? this.best(limit) : (this.#candidates.find((threads) => threads <= limit) ?? limit);
  }

  /** The fastest of those measured, at most `limit`; fewer threads where it makes next to no difference. */
  best(limit: number): number {
    let best: number | undefined;
    for (const threads of this.#ascending) {
      if (threads > limit || !this.#isMeasured(threads)) continue;
      if (best === undefined || this.#perToken(threads) < worthwhile * this.#perToken(best)) best = threads;
    }
    return best ?? limit;
  }

  /** What a step of `tokens` usually takes with so many threads; undefined while nobody knows. */
  usualUs(threads: number, tokens: number): number | undefined {
    return this.#isMeasured(threads) ? this.#perToken(threads) * tokens : undefined;
  }

  /** True when this was the last measurement that was missing. */
  add(threads: number, { wallUs, tokens }: { readonly wallUs: number; readonly tokens: number }, nowUs: number): boolean {
    this.#steps += 1;
    const samples = this.#samples.get(threads) ?? { values: [], median: Number.POSITIVE_INFINITY, skip: this.#skipped };
    this.#samples.set(threads, samples);
    if (samples.skip > 0) {
      samples.skip -= 1;
      return false;
    }
    const missed = !this.#isMeasured(threads);
    samples.values.push(wallUs / tokens);
    this.#stepUs = wallUs;
    if (samples.values.length > kept) samples.values.shift();
    // Of two, the faster: what disturbs a step only ever makes it longer.
    samples.median = [...samples.values].sort((a, b) => a - b)[Math.floor((samples.values.length - 1) / 2)] ?? samples.median;
    const complete = missed && this.measured;
    if (complete) this.#refreshAtUs = nowUs + this.#pauseUs();
    return complete;
  }

  #isMeasured(threads: number): boolean {
    return (this.#samples.get(threads)?.values.length ?? 0) >= this.#needed;
  }

  #perToken(threads: number): number {
    return this.#samples.get(threads)?.median ?? Number.POSITIVE_INFINITY;
  }

  /** The machine may have changed since: what lost then is tried again, now and then. */
  #forgetOthers(nowUs: number): void {
    const best = this.best(Number.POSITIVE_INFINITY);
    for (const threads of this.#candidates) if (threads !== best) this.#samples.delete(threads);
    this.#refreshAtUs = nowUs + this.#pauseUs();
  }

  #pauseUs(): number {
    return Math.max(refreshUs, refreshSteps * (this.#needed + this.#skipped) * this.#stepUs);
  }
}
