/** One sequence as the scheduler sees it. A pure value: policies can be tested without a backend. */
export interface SequenceState {
  /** KV cache sequence id, 0 ≤ sequence < capacity.sequences. */
  readonly sequence: number;
  /** Order of arrival; smaller is older. */
  readonly arrival: number;
  /** Tokens already in the KV cache. */
  readonly cached: number;
  /** Tokens waiting to be decoded: the rest of the prompt, or the one token sampled last. */
  readonly pending: number;
  /** A slow reader: no step for it until its client has caught up. */
  readonly paused: boolean;
}

export interface StepBudget {
  /** Most tokens in one decode call (n_batch). */
  readonly tokens: number;
}

/** What one sequence does in the next step. `sample` is true when the last of its pending tokens is included. */
export interface PlanItem {
  readonly sequence: number;
  readonly count: number;
  readonly sample: boolean;
}

export type BatchPlan = readonly PlanItem[];

/** A scheduling policy: who runs in the next step, and with how many tokens. */
export type SchedulingPolicy = (sequences: readonly SequenceState[], budget: StepBudget) => BatchPlan;
