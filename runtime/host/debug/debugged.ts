import { assert } from "../../../base/assert.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Choice, SampledToken, Sampler } from "../../backends/backend.ts";
import type { Answer } from "../answer.ts";
import type { Moment } from "../answer-tokens.ts";
import type { Job } from "../job.ts";
import type { DebugProgress, DebugRow } from "../messages.ts";

/** A sampler takes some kilobytes, with DRY a hundred: of longer answers only the latest tokens can be chosen otherwise. */
const keptSamplers = 4096;

/** The state of an answer's sequence, with so many tokens in it. */
export interface SavedState {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** What another answer needs to go on from here. */
export interface Resumption {
  /** The tokens of the answer that are taken over. */
  readonly ids: readonly number[];
  readonly state: SavedState;
  readonly sampler: Sampler;
}

/** A request under a debugger: how far it may go, and what it takes to go on from any of its tokens in another way. It outlives the request. */
export class Debugged {
  readonly job: Job;
  readonly answer: Answer;
  readonly #samplers = new Map<number, Sampler>();
  readonly #choices = new Map<number, Choice>();
  #rows: DebugRow[] = [];
  #credits: number | null;
  #waiting: ((progress: DebugProgress) => void) | null = null;
  #over: DebugProgress["over"] = null;
  /** Of an answer that is over; null when it could not be saved, or had to make room for others. */
  kept: SavedState | null = null;

  constructor(job: Job, answer: Answer, tokens: number) {
    this.job = job;
    this.answer = answer;
    this.#credits = tokens;
    answer.sampler?.watch();
  }

  /** It stands still: no step for it. */
  get stopped(): boolean {
    return this.#credits === 0;
  }

  get isOver(): boolean {
    return this.#over !== null;
  }

  /** Lets it choose so many tokens more, or any number; `told` hears when it stands again. */
  grant(tokens: number | null, told: (progress: DebugProgress) => void): void {
    if (this.#waiting !== null) throw new InfernoError("debug_busy", "The request is on its way to its next stop.");
    this.#credits = tokens;
    this.#waiting = told;
  }

  stop(): void {
    this.#credits = 0;
  }

  /** The next token is about to be chosen. */
  before({ generated, sampler }: Answer): void {
    if (sampler === null) return;
    this.#forget(generated);
    this.#samplers.set(generated, sampler.clone());
    if (this.#samplers.size > keptSamplers) this.#forget(Math.min(...this.#samplers.keys()));
  }

  /** A token was chosen. */
  took({ id, isEnd, facts, guess, choice }: SampledToken, { index, call, sinceUs }: Pick<DebugRow, "index" | "call" | "sinceUs">, moment: Moment, bytesOf: (id: number) => Uint8Array): void {
    if (this.#credits !== null) this.#credits = Math.max(0, this.#credits - 1);
    if (choice !== undefined) this.#choices.set(index, choice);
    const known = facts ?? { logprob: Number.NaN, entropy: Number.NaN, top: [], chosenBy: "draw" as const };
    this.#rows.push({
      index, isEnd, call, sinceUs, bytes: bytesOf(id), row: { id, ...known, guess: guess ?? "none", ...moment }, pieces: known.top.map((other) => bytesOf(other.id)),
    });
  }

  choice(index: number): Choice | null {
    return this.#choices.get(index) ?? null;
  }

  finished(over: NonNullable<DebugProgress["over"]>, kept: SavedState | null): void {
    this.#over = over;
    this.#credits = 0;
    this.kept = kept;
  }

  /** Says what has come since the last time, if it stands and somebody waits. True when it has just been said. */
  settle(): boolean {
    if (!this.stopped || this.#waiting === null) return false;
    const told = this.#waiting;
    const rows = this.#rows;
    this.#waiting = null;
    this.#rows = [];
    told({ rows, over: this.#over });
    return true;
  }

  /** What going on from before token `index` takes, beside the state. Throws `debug_impossible`. */
  samplerFor(index: number, changed: Parameters<Sampler["clone"]>[0], choose: number | null): Sampler {
    const known = this.#samplers.get(index);
    if (known === undefined) {
      const [first] = this.#samplers.keys();
      const from = first === undefined ? "none is" : `those from token ${first} on are`;
      throw impossible(`The samplers' state before token ${index} is not known; ${from}. Start the request again under the debugger to change an earlier one.`);
    }
    if (choose !== null && !known.has(choose)) throw new InfernoError("invalid_request", `choose: token ${choose} is none of the model's vocabulary.`, { param: "choose" });
    if (choose !== null && !known.allows(choose)) throw impossible(`The grammar does not allow token ${choose} there.`);
    const sampler = known.clone(changed);
    sampler.watch();
    if (choose !== null) sampler.force(choose);
    return sampler;
  }

  dispose(): void {
    assert(this.#waiting === null, "a debugged request is forgotten while somebody waits for it");
    for (const sampler of this.#samplers.values()) sampler.dispose();
    this.#samplers.clear();
    this.#choices.clear();
    this.kept = null;
  }

  #forget(index: number): void {
    this.#samplers.get(index)?.dispose();
    this.#samplers.delete(index);
  }
}

export const impossible = (message: string): InfernoError => new InfernoError("debug_impossible", message);
