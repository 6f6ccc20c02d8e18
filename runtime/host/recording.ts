import type { StepRange } from "./messages.ts";

/**
 * Most operations in one request's trace. A step of a model with 36 blocks has about a thousand, and each is some 300 bytes of the trace, which is sent,
 * stored and drawn as a whole.
 */
export const mostOperations = 20_000;

/** What one request wants recorded, and how much of it there is. */
export class Recording {
  readonly #steps: StepRange;
  #operations = 0;
  #largest = 0;

  constructor(steps: StepRange) {
    this.#steps = steps;
  }

  /** Whether there is no room for another step: a step is recorded as a whole or not at all. */
  get isFull(): boolean {
    return this.#operations + this.#largest > mostOperations;
  }

  /** Of an answer with so many tokens: whether its next step is to be recorded, as far as there is room. */
  covers(generated: number): boolean {
    const { from, to } = this.#steps;
    return generated >= from && (to === null || generated <= to);
  }

  wants(generated: number): boolean {
    return this.covers(generated) && !this.isFull;
  }

  /** A step was recorded. */
  add(operations: number): void {
    this.#operations += operations;
    this.#largest = Math.max(this.#largest, operations);
  }
}
