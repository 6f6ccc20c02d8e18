/** Monotonic time. Injected everywhere, so that tests run on a virtual clock and no test depends on real speed. */
export interface Clock {
  /** Microseconds since an arbitrary origin; never goes back. */
  nowUs(): number;
}

/**
 * The machine's monotonic clock. `hrtime` counts from one origin for all processes of a machine
 * (CLOCK_MONOTONIC, mach_absolute_time, QueryPerformanceCounter), so the gateway's and a model host's spans share an axis.
 */
export const systemClock: Clock = {
  nowUs: () => Number(process.hrtime.bigint() / 1000n),
};

/** A clock that moves only when told to. */
export class VirtualClock implements Clock {
  #nowUs: number;

  constructor(startUs = 0) {
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  advance(us: number): void {
    this.#nowUs += us;
  }
}
