import type { InfernoError } from "../../protocol/errors.ts";
import type { Backend } from "../backends/backend.ts";
import type { Reuse } from "../../protocol/trace.ts";
import type { Admission, AdmissionPolicy } from "../scheduler/plan.ts";
import type { Answer } from "./answer.ts";
import type { SavedState } from "./debug/debugged.ts";
import { decodeFailure } from "./decode-failure.ts";
import type { PrefixFound, SequencePool } from "./sequence-pool.ts";

export interface Started {
  readonly answer: Answer;
  /** Null for one that was swapped out and is back. */
  readonly reuse: Reuse | null;
}

/** The engine did not give it a sequence, and the pool is as it was without it. */
export interface NotStarted {
  readonly answer: Answer;
  readonly error: InfernoError;
}

export interface AdmitterOptions {
  readonly backend: Backend;
  readonly pool: SequencePool;
  readonly policy: AdmissionPolicy;
  readonly cacheEnabled: boolean;
}

/** Lets waiting answers start as the policy says. */
export class Admitter {
  readonly #options: AdmitterOptions;
  /** Answers for which the disk has been asked, and whether it had something. */
  readonly #asked = new WeakMap<Answer, boolean>();

  constructor(options: AdmitterOptions) {
    this.#options = options;
  }

  /** The next of the waiting to start, if one may; asked again until none does, because each is what the others may share. */
  next(waiting: readonly Answer[], running: ReadonlyMap<number, Answer>): Started | NotStarted | null {
    const { pool, policy, backend } = this.#options;
    // The tree is asked for every waiting prompt: not when nobody could start anyway.
    if (waiting.length === 0 || running.size >= backend.capacity.parallel) return null;
    // All before the first is matched: what comes back from disk may take the place of a sequence that was found for another.
    for (const answer of waiting) this.#recall(answer);
    const matches = new Map<number, PrefixFound>();
    const states = waiting.map((answer) => {
      const match = this.#match(answer);
      if (match !== null) matches.set(answer.arrival, match);
      return answer.waiting(match && { ...match, coming: isComing(answer, running.get(match.sequence)) });
    });
    const promised = [...running.values()].reduce((sum, { tokens, cached }) => sum + tokens.length - cached, 0);
    for (;;) {
      const admission = policy(states, pool.state(running.size, promised));
      if (admission === null) return null;
      if (admission.kind === "start") {
        const answer = waiting.find((it) => it.arrival === admission.arrival);
        if (answer === undefined) return null;
        return answer.swapped === null ? this.#start(answer, admission, matches.get(admission.arrival)) : this.#bringBack(answer, answer.swapped);
      }
      pool.drop(admission.sequence);
    }
  }

  #match(answer: Answer): PrefixFound | null {
    if (answer.swapped !== null || !this.#shares(answer)) return null;
    return this.#options.pool.match(answer.tokens, answer.job.namespace);
  }

  /** Once an answer: what is pushed out again while it waits would otherwise be read again at every step. */
  #recall(answer: Answer): void {
    if (this.#asked.has(answer) || answer.swapped !== null || !this.#shares(answer)) return;
    this.#asked.set(answer, this.#options.pool.recall(answer.tokens, answer.job.namespace));
  }

  #start(answer: Answer, { from }: Extract<Admission, { kind: "start" }>, match: PrefixFound | undefined): Started {
    const { pool } = this.#options;
    const { tokens, job: { namespace } } = answer;
    const reuse = this.#explain(answer, from?.length ?? 0, match);
    answer.begin(pool.open(tokens, namespace, from), from?.length ?? 0);
    return { answer, reuse };
  }

  #bringBack(answer: Answer, state: SavedState): Started | NotStarted {
    const { cached, tokens, reusable, job: { namespace } } = answer;
    try {
      // After a shift its cells are no prefix of anything.
      answer.begin(this.#options.pool.swapIn(state, reusable ? tokens : [], cached, namespace), cached);
    } catch (error) {
      return { answer, error: decodeFailure("to bring back the answer's state", error) };
    }
    answer.swapped = null;
    return { answer, reuse: null };
  }

  #shares(answer: Answer): boolean {
    return answer.job.request.cachePrompt && this.#options.cacheEnabled && this.#options.backend.capacity.truncates;
  }

  #source(answer: Answer, length: number, match: PrefixFound | undefined): Reuse["source"] {
    if (length === 0 || match === undefined) return "none";
    if (match.running) return "running";
    return this.#asked.get(answer) === true ? "disk" : "cached";
  }

  /** What is reused, and why it is not more. */
  #explain(answer: Answer, length: number, match: PrefixFound | undefined): Reuse {
    const { backend, pool } = this.#options;
    const nothing = { tokens: length, source: "none", differs: null } as const;
    if (!this.#shares(answer)) return { ...nothing, reason: backend.capacity.truncates ? "off" : "engine" };
    if (pool.evicted(answer.tokens, answer.job.namespace) > Math.max(length, match?.length ?? 0)) {
      return { ...nothing, source: this.#source(answer, length, match), reason: "evicted" };
    }
    if (match === undefined) return { ...nothing, reason: pool.isEmpty ? "empty" : "differs", differs: null };
    const source = this.#source(answer, length, match);
    if (length >= answer.tokens.length - 1) return { tokens: length, source, reason: "whole", differs: null };
    if (match.common > match.length) return { tokens: length, source, reason: "cut", differs: null };
    if (match.next === null) return { tokens: length, source, reason: "ends", differs: null };
    const text = (token: number): string => new TextDecoder().decode(backend.tokenBytes(token, true));
    const position = match.length;
    return { tokens: length, source, reason: "differs", differs: { position, cached: text(match.next), prompt: text(answer.tokens[position] ?? 0) } };
  }
}

/** Whether what `source` has not computed of the common beginning will soon be there. */
const isComing = (answer: Answer, source: Answer | undefined): boolean =>
  source !== undefined && !source.job.paused && source.job.request.priority >= answer.job.request.priority;
