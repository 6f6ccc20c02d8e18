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

/** Decides for each answer how many tokens to guess, has them guessed, and learns from what came of it. */
export class Speculator {
  readonly #drafter: Drafter;
  readonly #maxTokens: number;
  readonly #cost = new StepCost();
  readonly #controllers = new Map<number, LengthController>();
  #answers = 1;
  #guessUs = 0;

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
    if (guessed > 0) this.#guessUs += newest * (us / guessed - this.#guessUs);
    return drafts;
  }

  /** What came of a step for one answer. */
  observe(id: number, checked: Checked): void {
    this.#controller(id).observe(checked, this.#outlook());
  }

  /** Once per step, before its answers. */
  measured({ width, guessed, answers, us }: MeasuredStep): void {
    this.#answers = Math.max(1, answers);
    // A chunk of a prompt costs less per token than as many answers.
    if (width - guessed === answers) this.#cost.observe(width, us);
  }

  forget(id: number): void {
    this.#controllers.delete(id);
    this.#drafter.forget(id);
  }

  dispose(): void {
    this.#drafter.dispose();
  }

  #outlook() {
    return { cost: this.#cost, answers: this.#answers, guessUs: this.#guessUs };
  }

  #controller(id: number): LengthController {
    let controller = this.#controllers.get(id);
    if (!controller) this.#controllers.set(id, (controller = new LengthController()));
    return controller;
  }
}
