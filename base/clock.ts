/** Monotonic time. Injected everywhere, so that tests run on a virtual clock and no test depends on real speed. */
export interface Clock {
  /** Microseconds since an arbitrary origin; never goes back. */
  nowUs(): number;
}

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
