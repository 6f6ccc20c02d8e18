import type { Clock } from "../../../../base/clock.ts";
import type { BusyCores } from "../../../machine/busy-cores.ts";
import type { Library, Threadpool } from "../native/library.ts";
import type { Pointer } from "../native/llama.generated.ts";
import type { LearnedThreads } from "./learned.ts";
import type { ThreadPolicy } from "./policy.ts";

/** What pools need of the library. */
export interface PoolLibrary {
  readonly binding: Pick<Library["binding"], "llama_attach_threadpool" | "llama_set_n_threads">;
  threadpool(threads: number): Threadpool;
}

/** How a context computes: with how many threads, for each of its steps. */
export interface Threads {
  /** Runs one step of so many tokens. */
  around<T>(tokens: number, step: () => T): T;
  /** Runs one that says nothing about others, with the count that these have. */
  aside<T>(tokens: number, step: () => T): T;
  moveTo(context: Pointer): void;
  /** Of the last step. */
  readonly count: number;
  /** Cores that other processes keep busy; null where nobody looks. */
  readonly others: number | null;
  /** Those of the last step. */
  pool(): Pointer;
  /** After the context is freed. */
  dispose(): void;
}

/**
 * The pools that one context has used, by size, made when first needed and kept: llama.cpp touches the pool that it leaves once more, and puts
 * its threads to sleep. One pool of the largest size would be woken as a whole for every step, however few of it the step wants.
 */
export class Pools {
  readonly #library: PoolLibrary;
  #context: Pointer;
  readonly #pools = new Map<number, Threadpool>();
  #count = 0;

  constructor(library: PoolLibrary, context: Pointer) {
    this.#library = library;
    this.#context = context;
  }

  get count(): number {
    return this.#count;
  }

  use(threads: number): void {
    if (threads === this.#count) return;
    const pool = this.#pools.get(threads) ?? this.#library.threadpool(threads);
    this.#pools.set(threads, pool);
    this.#attach(pool, threads);
    this.#count = threads;
  }

  /** Another context, which computes as the one before did. */
  moveTo(context: Pointer): void {
    this.#context = context;
    const pool = this.#pools.get(this.#count);
    if (pool !== undefined) this.#attach(pool, this.#count);
  }

  /** The threads of a count that was used. */
  pointer(threads: number): Pointer {
    return this.#pools.get(threads)?.pointer ?? null;
  }

  dispose(): void {
    for (const pool of this.#pools.values()) pool.release();
    this.#pools.clear();
  }

  #attach({ pointer }: Threadpool, threads: number): void {
    const { binding } = this.#library;
    binding.llama_attach_threadpool(this.#context, pointer, pointer);
    // One number for both kinds of step: llama.cpp calls every batch of two tokens a prompt.
    binding.llama_set_n_threads(this.#context, threads, threads);
  }
}

/** The count that the configuration asks for. */
export function fixedThreads(pools: Pools, threads: number): Threads {
  pools.use(threads);
  const run: Threads["around"] = (_, step) => step();
  return { around: run, aside: run, count: threads, others: null, pool: () => pools.pointer(threads), moveTo: (context) => pools.moveTo(context), dispose: () => pools.dispose() };
}

export interface AdaptiveThreadsOptions {
  readonly pools: Pools;
  readonly policy: ThreadPolicy;
  readonly busy: BusyCores;
  readonly learned: LearnedThreads;
  readonly clock: Clock;
  /** Processor time of this process, all threads. */
  readonly cpuUs: () => number;
}

const sampleMs = 250;

/** The count that the policy finds best for each step. Costs a step 2.5 µs. */
export class AdaptiveThreads implements Threads {
  readonly #options: AdaptiveThreadsOptions;
  readonly #timer: NodeJS.Timeout;
  #written: string;

  constructor(options: AdaptiveThreadsOptions) {
    this.#options = options;
    this.#written = this.#learned();
    // Between requests too: the first step of the next one must know whether the machine is busy.
    this.#timer = setInterval(() => this.#look(), sampleMs);
    this.#timer.unref();
  }

  get count(): number {
    return this.#options.pools.count;
  }

  get others(): number {
    return this.#options.busy.others;
  }

  around<T>(tokens: number, step: () => T): T {
    const { pools, policy, clock, cpuUs } = this.#options;
    this.#look();
    const startUs = clock.nowUs();
    pools.use(policy.threadsFor(tokens, startUs));
    const before = cpuUs();
    const result = step();
    const used = cpuUs() - before;
    const endUs = clock.nowUs();
    if (endUs > startUs) policy.observe({ tokens, threads: pools.count, wallUs: endUs - startUs, cpuUs: used }, endUs);
    this.#keep();
    return result;
  }

  aside<T>(tokens: number, step: () => T): T {
    const { pools, policy, clock } = this.#options;
    this.#look();
    pools.use(policy.usual(tokens, clock.nowUs()));
    return step();
  }

  pool(): Pointer {
    return this.#options.pools.pointer(this.count);
  }

  moveTo(context: Pointer): void {
    this.#options.pools.moveTo(context);
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#options.pools.dispose();
  }

  #look(): void {
    const { busy, policy } = this.#options;
    busy.sample();
    policy.setOthers(busy.others);
  }

  #learned(): string {
    return JSON.stringify([...this.#options.policy.learned()]);
  }

  /** Written as soon as it is known: a process may end without notice. */
  #keep(): void {
    const { policy, learned } = this.#options;
    if (!policy.takeNews()) return;
    const now = this.#learned();
    if (now !== this.#written) learned.write(policy.learned());
    this.#written = now;
  }
}
