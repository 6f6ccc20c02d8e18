/**
 * Cuts a stream of text at the first stop string. The text is read as if it came one character at a time: the stop string that is
 * *complete* first ends it, and of several that end at the same character the longest. So the cut does not depend on how tokens split the text.
 */
export class StopStrings {
  readonly #stops: readonly string[];
  readonly #longest: number;
  #held = "";

  constructor(stops: readonly string[]) {
    // Half a surrogate pair cannot occur in decoded text, but would match the half of an emoji.
    this.#stops = stops.filter((stop) => stop !== "" && stop.isWellFormed());
    this.#longest = Math.max(0, ...this.#stops.map((stop) => stop.length));
  }

  /** Takes more text; returns what is certainly part of the answer. After `stopped` nothing more may be pushed. */
  push(text: string): { readonly text: string; readonly stopped: boolean } {
    const seen = this.#held + text;
    const cut = this.#firstCut(seen);
    if (cut !== undefined) {
      this.#held = "";
      return { text: seen.slice(0, cut), stopped: true };
    }
    const shown = seen.length - this.#heldBack(seen);
    this.#held = seen.slice(shown);
    return { text: seen.slice(0, shown), stopped: false };
  }

  /** The answer is over without a stop string: what was held back is part of it. */
  flush(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }

  #firstCut(text: string): number | undefined {
    let best: { start: number; end: number } | undefined;
    for (const stop of this.#stops) {
      const start = text.indexOf(stop);
      if (start === -1) continue;
      const end = start + stop.length;
      if (best === undefined || end < best.end || (end === best.end && start < best.start)) best = { start, end };
    }
    return best?.start;
  }

  /** Length of the longest end of the text with which a stop string begins. */
  #heldBack(text: string): number {
    for (let length = Math.min(this.#longest - 1, text.length); length > 0; length -= 1) {
      const end = text.slice(-length);
      if (this.#stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
