import type { KvMemory } from "../backends/backend.ts";

/** What the draft model's KV cache holds of one answer: true tokens, and guesses that may have been wrong. */
export class DraftSequence {
  readonly sequence: number;
  readonly #memory: KvMemory;
  #held: number[] = [];

  constructor(sequence: number, memory: KvMemory) {
    this.sequence = sequence;
    this.#memory = memory;
  }

  get length(): number {
    return this.#held.length;
  }

  /** Drops what is not the answer's; at least its last token remains to be computed, for its logits. */
  align(tokens: readonly number[]): void {
    const most = Math.min(this.#held.length, tokens.length - 1);
    let common = 0;
    while (common < most && this.#held[common] === tokens[common]) common += 1;
    if (common === this.#held.length) return;
    this.#memory.truncate(this.sequence, common);
    this.#held.length = common;
  }

  computed(tokens: readonly number[]): void {
    this.#held.push(...tokens);
  }

  clear(): void {
    this.#memory.truncate(this.sequence, 0);
    this.#held = [];
  }
}
