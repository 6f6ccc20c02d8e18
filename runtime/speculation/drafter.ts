/** One answer that asks for guesses. */
export interface DraftRequest {
  /** The answer, for its whole life. */
  readonly id: number;
  /** Prompt and answer so far: the guesses follow the last of them. */
  readonly tokens: readonly number[];
  /** Most tokens to guess, those of all candidates together. */
  readonly most: number;
}

export interface Drafts {
  /** For each request its candidates: different continuations, best first, none of them empty. */
  readonly drafts: readonly (readonly (readonly number[])[])[];
  /** What guessing took, in microseconds, without what a draft model needs to read a prompt once. */
  readonly us: number;
}

export interface DraftOutlook {
  /** How many tokens, at most. */
  readonly tokens: number;
  /** Guesses of one kind are right about equally often. */
  readonly kind: number;
}

/** Guesses how answers go on. */
export interface Drafter {
  /** What it would guess now, as far as that can be said at no cost. */
  outlook(request: DraftRequest): DraftOutlook;
  /** Guesses for all requests of a step at once. */
  propose(requests: readonly DraftRequest[]): Drafts;
  /** The answer is over, or waits for long. */
  forget(id: number): void;
  dispose(): void;
}
