import { PrefixTree } from "../scheduler/prefix-tree.ts";

/** What the KV cache held until a while ago: only the tokens, so that a trace can say that a prompt would have been reused. */
export class EvictedPrefixes {
  readonly #kept: number;
  readonly #tree = new PrefixTree();
  #next = 0;

  constructor(kept = 64) {
    this.#kept = kept;
  }

  add(tokens: readonly number[], namespace: string): void {
    this.#tree.insert(this.#next, tokens, namespace);
    if (this.#next >= this.#kept) this.#tree.remove(this.#next - this.#kept);
    this.#next += 1;
  }

  /** How many of a prompt's first tokens were there. */
  longest(tokens: readonly number[], namespace: string): number {
    return this.#tree.longest(tokens, namespace)?.length ?? 0;
  }
}
