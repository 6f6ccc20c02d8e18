/** Sizes of the n-grams that are looked up, longest first: a long one tells more, a short one is found more often. */
const sizes = [8, 4, 2] as const;
/** Earlier places that are compared, newest first. */
const mostPlaces = 32;
/** Tokens compared backwards to tell a good match from a better one. */
const longestMatch = 24;
/** Tokens that may differ in a row before the text that was being followed counts as lost. */
const mostDiffering = 2;

/** A place in the text whose past is like the present, so that its future may be too. */
export interface Place {
  /** Position of the token that would come next. */
  readonly next: number;
  /** Tokens before it that agree; 0 where it is only the text that was being followed. */
  readonly match: number;
}

/**
 * Finds where in a text its last tokens stood before (prompt lookup decoding, Saxena 2023). Each token costs a few steps when it is added,
 * however long the text is.
 */
export class NgramIndex {
  readonly #tokens: number[] = [];
  /** By size: where an n-gram ended last, by hash, and for each position where the n-gram that ends there ended before. */
  readonly #last = sizes.map(() => new Map<number, number>());
  readonly #before: number[][] = sizes.map(() => []);
  /** Position in the text that the newest tokens seem to copy, and how many of them in a row did not. */
  #followed = -1;
  #differing = 0;

  get length(): number {
    return this.#tokens.length;
  }

  at(position: number): number | undefined {
    return this.#tokens[position];
  }

  slice(from: number, to: number): number[] {
    return this.#tokens.slice(from, to);
  }

  push(token: number): void {
    if (this.#followed !== -1) {
      this.#differing = this.#tokens[this.#followed] === token ? 0 : this.#differing + 1;
      this.#followed = this.#differing > mostDiffering ? -1 : this.#followed + 1;
    }
    this.#tokens.push(token);
    for (const [i, size] of sizes.entries()) {
      const end = this.#tokens.length;
      const hash = end < size ? null : this.#hash(end - size, end);
      this.#before[i]!.push(hash === null ? -1 : (this.#last[i]!.get(hash) ?? -1));
      if (hash !== null) this.#last[i]!.set(hash, end);
    }
  }

  /** The earlier places that are most like the end of the text: longest match first, then newest first. */
  places(): Place[] {
    for (const [i, size] of sizes.entries()) {
      const found: Place[] = [];
      let next = this.#before[i]![this.#tokens.length - 1] ?? -1;
      for (let seen = 0; next !== -1 && seen < mostPlaces; seen += 1) {
        const match = this.#matchBefore(next);
        // Different n-grams may have the same hash.
        if (match >= size) found.push({ next, match });
        next = this.#before[i]![next - 1] ?? -1;
      }
      if (found.length > 0) return found.sort((a, b) => b.match - a.match || b.next - a.next);
    }
    // One word was changed: what comes behind it in the text that was being copied comes here too, perhaps.
    return this.#followed > 0 && this.#followed < this.#tokens.length ? [{ next: this.#followed, match: 0 }] : [];
  }

  /** From now on the text is expected to go on as it does at this place. */
  follow({ next }: Place): void {
    this.#followed = next;
    this.#differing = 0;
  }

  #matchBefore(position: number): number {
    const end = this.#tokens.length;
    let match = 0;
    while (match < longestMatch && match < position && this.#tokens[position - 1 - match] === this.#tokens[end - 1 - match]) match += 1;
    return match;
  }

  #hash(from: number, to: number): number {
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ this.#tokens[i]!, 0x01000193);
    return hash;
  }
}
