import { greedyParams } from "../../protocol/model.ts";
import type { Backend, BatchItem, SampledToken, Sampler } from "../backends/backend.ts";
import { DraftSequence } from "./draft-sequence.ts";
import type { Drafter, DraftOutlook, DraftRequest, Drafts } from "./drafter.ts";

/** A guess less likely than this is rather not made, nor any behind it. */
const unlikely = Math.log(0.4);
/** Tokens of answers that are new to the draft model, per step: a long prompt must not hold up the other answers. */
const catchUpTokens = 512;
/** So many may go along with the first guess: after a step whose guesses were all right it is two. */
const alongTokens = 8;
/** After so many failures in a row it is not asked any more: each costs the computing of all answers anew. */
const failuresInARow = 3;

interface Work {
  readonly request: DraftRequest;
  readonly at: DraftSequence;
  readonly draft: number[];
  done: boolean;
}

/** Guesses with a small model of the same vocabulary. It has a KV cache of its own, in which it follows each answer. */
export class DraftModel implements Drafter {
  readonly #backend: Backend;
  readonly #vocabulary: number;
  readonly #sampler: Sampler;
  readonly #report: (message: string) => void;
  /** By answer, the one used last at the end. */
  readonly #sequences = new Map<number, DraftSequence>();
  readonly #free: number[];
  #failures = 0;

  /** `vocabulary`: tokens that the large model has; it may be padded less. `report` hears once that it is given up. */
  constructor(backend: Backend, vocabulary: number, report: (message: string) => void = () => {}) {
    this.#backend = backend;
    this.#vocabulary = vocabulary;
    this.#report = report;
    // Greedy sampling remembers nothing, so that one sampler serves all answers; the log of the probability says when to stop.
    this.#sampler = backend.createSampler({ ...greedyParams, topLogprobs: 0 }, []);
    this.#free = Array.from({ length: backend.capacity.sequences }, (_, sequence) => sequence);
  }

  outlook({ most }: DraftRequest): DraftOutlook {
    return { tokens: this.#failures < failuresInARow ? most : 0, kind: 0 };
  }

  propose(requests: readonly DraftRequest[]): Drafts {
    if (this.#failures >= failuresInARow) return { drafts: requests.map(() => []), us: 0 };
    const work = requests.map((request): Work => ({ request, at: this.#sequence(request.id), draft: [], done: request.most === 0 }));
    let us = 0;
    try {
      this.#catchUp(work);
      for (let open = work.filter((it) => !it.done); open.length > 0; open = open.filter((it) => !it.done)) us += this.#round(open);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === failuresInARow) this.#report(`The draft model failed ${failuresInARow} times in a row and is asked no more: ${error instanceof Error ? error.message : String(error)}`);
      // Without guesses the answers go on as well. What the cache holds is not known any more.
      for (const id of [...this.#sequences.keys()]) this.forget(id);
      return { drafts: requests.map(() => []), us };
    }
    return { drafts: work.map(({ draft }) => (draft.length > 0 ? [draft] : [])), us };
  }

  forget(id: number): void {
    const known = this.#sequences.get(id);
    if (!known) return;
    known.clear();
    this.#free.push(known.sequence);
    this.#sequences.delete(id);
  }

  dispose(): void {
    this.#sampler.dispose();
    this.#backend.dispose();
  }

  #sequence(id: number): DraftSequence {
    const known = this.#sequences.get(id);
    if (known) this.#sequences.delete(id);
    else if (this.#free.length === 0) {
      for (const oldest of [...this.#sequences.keys()].slice(0, 1)) this.forget(oldest);
    }
    const sequence = known ?? new DraftSequence(this.#free.pop() ?? 0, this.#backend.memory);
    this.#sequences.set(id, sequence);
    return sequence;
  }

  /** Computes most of what is new; who is not ready after that makes no guess this time. */
  #catchUp(work: readonly Work[]): void {
    let left = catchUpTokens;
    for (const it of work) {
      const { request: { tokens }, at } = it;
      at.align(tokens);
      while (left > 0 && tokens.length - at.length > alongTokens) {
        const count = Math.min(left, tokens.length - at.length - 1, this.#backend.capacity.batch);
        left -= count;
        this.#compute([{ it, tokens: tokens.slice(at.length, at.length + count) }], false);
      }
      it.done ||= tokens.length - at.length > alongTokens;
    }
  }

  /** One more token for each. */
  #round(open: readonly Work[]): number {
    const { context } = this.#backend.capacity;
    const items = open.map((it) => {
      const last = it.draft.at(-1);
      return { it, tokens: last === undefined ? it.request.tokens.slice(it.at.length) : [last] };
    });
    const { us, sampled } = this.#compute(items, true);
    for (const [i, it] of open.entries()) {
      const token = sampled[i];
      const good = token !== undefined && !token.isEnd && token.id < this.#vocabulary && (token.logprob ?? 0) >= unlikely;
      if (good) it.draft.push(token.id);
      it.done = !good || it.draft.length >= it.request.most || it.at.length >= context;
    }
    return us;
  }

  #compute(items: readonly { readonly it: Work; readonly tokens: readonly number[] }[], sample: boolean): { us: number; sampled: SampledToken[] } {
    const batch = items.map(({ it: { at }, tokens }): BatchItem => (
      { sequence: at.sequence, tokens, position: at.length, sampler: sample ? this.#sampler : null }));
    const { decode, results } = this.#backend.step(batch);
    for (const { it, tokens } of items) it.at.computed(tokens);
    const endUs = results.at(-1)?.sample.endUs ?? decode.endUs;
    return { us: endUs - decode.startUs, sampled: results.flatMap(({ tokens }) => tokens) };
  }
}
