/** One running answer as the scheduler sees it. A pure value: policies can be tested without a backend. */
export interface SequenceState {
  /** KV cache sequence id, 0 ≤ sequence < capacity.sequences. */
  readonly sequence: number;
  /** Order of arrival; smaller is older. */
  readonly arrival: number;
  /** Higher runs first. */
  readonly priority: number;
  /** Tokens already in the KV cache. */
  readonly cached: number;
  /** Tokens waiting to be decoded: the rest of the prompt, or the one token sampled last. */
  readonly pending: number;
  /** Guessed tokens, those of all candidates together, that would go along with the last pending one; 0 when nothing is to be guessed. */
  readonly drafts: number;
  /** A slow reader: no step for it until its client has caught up. */
  readonly paused: boolean;
  /** LoRA adapters in use, as one word; a step computes one set only. */
  readonly adapters: string;
}

export interface StepBudget {
  /** Most tokens in one decode call (n_batch), guesses included. */
  readonly tokens: number;
  /** Most prompt tokens in a step in which answers run too, so that these do not wait for long; see `promptBudget`. */
  readonly promptTokens: number;
  /** Adapter set of the last step, so that sets take turns. */
  readonly lastAdapters: string | null;
  /** The last one of the last step, for policies by which sequences take turns. */
  readonly lastSequence: number | null;
}

/** What one sequence does in the next step. `sample` is true when the last of its pending tokens is included. */
export interface PlanItem {
  readonly sequence: number;
  readonly count: number;
  readonly sample: boolean;
  /** Most guessed tokens, those of all candidates together, ≤ the state's `drafts`; 0 without `sample`. */
  readonly drafts: number;
}

export type BatchPlan = readonly PlanItem[];

/** A scheduling policy: who runs in the next step, and with how many tokens. */
export type SchedulingPolicy = (sequences: readonly SequenceState[], budget: StepBudget) => BatchPlan;

/** A request that waits for cells: a new one, or one that was swapped out. */
export interface WaitingState {
  readonly arrival: number;
  readonly priority: number;
  /** Tokens that must be in the cache before the first token can be sampled: the prompt, and for one that was swapped out its answer so far. */
  readonly tokens: number;
  /** Its state was saved: it needs `tokens` cells of its own, whatever is cached of others, and one sequence id. */
  readonly swapped: boolean;
  /** The longest prefix shared with a live sequence; null when nothing is shared or nothing may be. At most `tokens - 1` long. */
  readonly match: PrefixMatch | null;
}

export interface PrefixMatch {
  readonly sequence: number;
  /** Tokens in common. */
  readonly length: number;
  /** How many of them are computed already: less than `length` while the other request's prompt is in work. */
  readonly ready: number;
  /** The rest is on its way: the other request is computing its prompt, is not paused and not less urgent. */
  readonly coming: boolean;
}

/** A sequence that no request uses any more: its cells are kept for the next request that begins alike. */
export interface CachedState {
  readonly sequence: number;
  readonly tokens: number;
  /** Order of last use; smaller is longer ago. */
  readonly used: number;
}

export interface PoolState {
  /** Answers running now. */
  readonly running: number;
  readonly parallel: number;
  /** Less what running answers will still take for their prompts, so it may be negative. */
  readonly freeCells: number;
  /** Cells that only cached sequences hold, alone or together. */
  readonly reclaimableCells: number;
  readonly freeSequences: number;
  readonly cached: readonly CachedState[];
  /** In `per_sequence` cells belong to sequence ids: only ids count, and a copy computes nothing but takes as many cells again. */
  readonly layout: "unified" | "per_sequence";
}

export type Admission =
  /** Empties a cached sequence. */
  | { readonly kind: "evict"; readonly sequence: number }
  /**
   * Starts the request with this arrival. `from`: the first `length` tokens of a live sequence, copied, or with `take` by going on in the
   * cached sequence itself, cut to `length`.
   */
  | { readonly kind: "start"; readonly arrival: number; readonly from: { readonly sequence: number; readonly length: number; readonly take: boolean } | null };

/**
 * The next thing to do for those that wait; null when all of them have to go on waiting. It is asked again after each, because what has just
 * started is what the others may share, and what an eviction frees depends on who else holds it.
 */
export type AdmissionPolicy = (waiting: readonly WaitingState[], pool: PoolState) => Admission | null;

export interface VictimState {
  readonly sequence: number;
  readonly arrival: number;
  readonly priority: number;
  /** A slow reader, who loses nothing by it. */
  readonly paused: boolean;
}

/** Who is swapped out when a step's cells do not suffice; null when nobody can be: never the last one. */
export type VictimPolicy = (running: readonly VictimState[]) => number | null;
