import { Lane } from "./lane.ts";

/** One decode step, after it ran. */
export interface StepFacts {
  readonly tokens: number;
  readonly threads: number;
  readonly wallUs: number;
  /** Processor time of the whole process in the meantime. Spinning counts: undisturbed, it is `wallUs` times `threads`. */
  readonly cpuUs: number;
}

export interface ThreadPolicyOptions {
  /** Cores that this process may keep busy. */
  readonly cores: number;
  /** What earlier runs found best, by lane. */
  readonly learned?: ReadonlyMap<number, number> | undefined;
}

/** Others may use this much of a core before it counts as theirs: less than that is the gateway, the clock and the like. */
const slack = 0.35;
/** Below this share of the time that its threads should have had, a step waited for processors. */
const stalledShare = 0.8;
/** And it must have shown: this many times the usual duration. */
const stalledRatio = 2;
/** One thread less for so many times as long as the stall has cost: a hiccup is soon forgotten, a neighbour that stays is not met again at once. */
const holdPerLoss = 10;
/** Trouble that is back within so many times the last hold was not over. */
const again = 4;
const longestHoldUs = 30_000_000;

/**
 * How many threads the next step gets. ggml's threads spin at a barrier after every operation, so a thread whose core is taken by another
 * program makes all others wait for a time slice, hundreds of times a token: with one busy neighbour on two cores, two threads decoded
 * 3 tokens/s where one decoded 76 (docs/guides/threads.md). So this measures which count is fastest, never asks for more cores than are
 * free, and steps down at the first step that did not get its processors. Knows no clock and no system: times are given to it.
 */
export class ThreadPolicy {
  /** Counts that are ever used, ascending: each has a pool of its own. */
  readonly levels: readonly number[];
  readonly #candidates: readonly number[];
  readonly #cores: number;
  readonly #learned: ReadonlyMap<number, number>;
  readonly #lanes = new Map<number, Lane>();
  #freeCores: number;
  #news = false;
  #stall = { limit: Number.POSITIVE_INFINITY, untilUs: 0, holdUs: 0 };

  constructor({ cores, learned = new Map() }: ThreadPolicyOptions) {
    const upTo = (counts: readonly number[]): number[] => [...new Set(counts.map((count) => Math.max(1, count)))];
    this.#cores = cores;
    // Until the machine has been looked at, one neighbour is assumed: a wrong step with all cores took 0.9 s where 10 ms are usual.
    this.#freeCores = cores - 1;
    this.#learned = learned;
    // In the order in which they are tried: with one core left to the rest of the machine little can go wrong.
    this.#candidates = upTo([cores - 1, cores, Math.ceil(cores / 2)]);
    this.levels = upTo([1, ...[1, 2, 3].map((quarter) => Math.ceil((cores * quarter) / 4)), cores - 1, cores]).sort((a, b) => a - b);
  }

  /** Tells how many cores other programs keep busy. */
  setOthers(busyCores: number): void {
    this.#freeCores = this.#cores - busyCores;
  }

  /** Threads for a step of so many tokens. */
  threadsFor(tokens: number, nowUs: number): number {
    const limit = this.#limit(nowUs);
    return this.#levelBelow(Math.min(limit, this.#lane(tokens, nowUs).choose(limit, nowUs)));
  }

  /** The same, for a step from which nothing is learned: the best of the counts known so far. */
  usual(tokens: number, nowUs: number): number {
    const limit = this.#limit(nowUs);
    return this.#levelBelow(Math.min(limit, this.#lane(tokens, nowUs).settled(limit)));
  }

  observe(step: StepFacts, nowUs: number): void {
    const lane = this.#lane(step.tokens, nowUs);
    const usualUs = lane.usualUs(step.threads, step.tokens);
    // A single thread has nothing to wait for but the processor, and there is nothing below it.
    const share = step.cpuUs / (step.wallUs * step.threads);
    if (step.threads > 1 && share < stalledShare && step.wallUs > stalledRatio * (usualUs ?? 0)) this.#stepDown(step, step.wallUs - (usualUs ?? step.wallUs * share), nowUs);
    if (lane.add(step.threads, step, nowUs)) this.#news = true;
  }

  /** Whether a lane has been measured since this was asked last. */
  takeNews(): boolean {
    const news = this.#news;
    this.#news = false;
    return news;
  }

  /** The best count for each lane in which all counts have been measured. */
  learned(): Map<number, number> {
    const found = new Map(this.#learned);
    for (const [key, lane] of this.#lanes) if (lane.measured) found.set(key, lane.best(this.#cores));
    return found;
  }

  #limit(nowUs: number): number {
    const stall = nowUs < this.#stall.untilUs ? this.#stall.limit : Number.POSITIVE_INFINITY;
    return Math.max(1, Math.min(Math.floor(this.#freeCores + slack), stall));
  }

  #stepDown({ threads, cpuUs, wallUs }: StepFacts, lostUs: number, nowUs: number): void {
    // As many as really had a core, and in any case fewer than before.
    const limit = this.#levelBelow(Math.min(threads - 1, Math.floor(cpuUs / wallUs + slack)));
    const { untilUs, holdUs } = this.#stall;
    const before = nowUs < untilUs + again * holdUs ? 2 * holdUs : 0;
    const hold = Math.min(longestHoldUs, Math.max(before, holdPerLoss * lostUs));
    this.#stall = { limit, untilUs: nowUs + hold, holdUs: hold };
  }

  #levelBelow(limit: number): number {
    return this.levels.findLast((level) => level <= limit) ?? 1;
  }

  #lane(tokens: number, nowUs: number): Lane {
    const key = laneOf(tokens);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new Lane({ candidates: this.#candidates, wide: tokens >= 16, known: this.#learned.get(key), nowUs });
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}

/** Steps of similar width are compared with each other: 1, 2–3, 4–7 … tokens. */
export const laneOf = (tokens: number): number => Math.min(9, Math.floor(Math.log2(Math.max(1, tokens))));
