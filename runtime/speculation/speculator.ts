import type { Drafter, DraftRequest } from "./drafter.ts";
import { LengthController, type Checked } from "./length-controller.ts";
import { StepCost } from "./step-cost.ts";

/** A step as it was measured. */
export interface MeasuredStep {
  /** Tokens over all sequences, guesses included, and how many of them were guesses. */
  readonly width: number;
  readonly guessed: number;
  /** Answers that sampled in it. */
  readonly answers: number;
  readonly us: number;
}

/** Weight of the newest measurement in the running average. */
const newest = 0.2;
/** What guessing took once is forgotten by this share per step without guesses: a busy moment must not end them for good. */
const forgotten = 0.005;

/** Decides for each answer how many tokens to guess, has them guessed, and learns from what came of it. */
export class Speculator {
  readonly #drafter: Drafter;
  readonly #maxTokens: number;
  readonly #cost = new StepCost();
  readonly #controllers = new Map<number, LengthController>();
  #answers = 1;
  #guessUs: number | null = null;

  constructor(drafter: Drafter, maxTokens: number) {
    this.#drafter = drafter;
    this.#maxTokens = maxTokens;
  }

  /** Tokens to guess in the next step; at most `request.most`, which is what the answer has room for. */
  wanted(request: DraftRequest): number {
    const most = Math.min(request.most, this.#maxTokens);
    if (most <= 0) return 0;
    const length = this.#controller(request.id).length(most, this.#outlook());
    return length === 0 ? 0 : this.#drafter.outlook({ ...request, most: length });
  }

  propose(requests: readonly DraftRequest[]): readonly (readonly (readonly number[])[])[] {
    const { drafts, us } = this.#drafter.propose(requests);
    const guessed = drafts.flat(2).length;
    if (guessed > 0) this.#guessUs = this.#guessUs === null ? us / guessed : this.#guessUs + newest * (us / guessed - this.#guessUs);
    return drafts;
  }

  /** What came of a step for one answer. */
  observe(id: number, checked: Checked): void {
    this.#controller(id).observe(checked, this.#outlook());
  }

  /** Once per step, before its answers. */
  measured({ width, guessed, answers, us }: MeasuredStep): void {
    this.#answers = Math.max(1, answers);
    if (guessed === 0 && this.#guessUs !== null) this.#guessUs *= 1 - forgotten;
    // Steps with chunks of prompts too: they tell what wide steps cost before any guess is made.
    this.#cost.observe(width, us);
  }

  forget(id: number): void {
    this.#controllers.delete(id);
    this.#drafter.forget(id);
  }

  dispose(): void {
    this.#drafter.dispose();
  }

  #outlook() {
    return { cost: this.#cost, answers: this.#answers, guessUs: this.#guessUs ?? 0 };
  }

  #controller(id: number): LengthController {
    let controller = this.#controllers.get(id);
    if (!controller) this.#controllers.set(id, (controller = new LengthController()));
    return controller;
  }
}
