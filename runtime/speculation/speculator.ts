import type { CommonAcceptance } from "./acceptance.ts";
import { Aside } from "./aside.ts";
import type { Drafter, DraftRequest } from "./drafter.ts";
import { LengthController, type Checked, type StepOutlook } from "./length-controller.ts";
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

interface Answer {
  readonly controller: LengthController;
  readonly aside: Aside;
  /** Kind of the guesses in the next step, and of those on the side. */
  kind: number;
  asideKind: number;
}

/** Decides for each answer how many tokens to guess, has them guessed, and learns from what came of it. */
export class Speculator {
  readonly #drafter: Drafter;
  readonly #maxTokens: number;
  readonly #cost = new StepCost();
  readonly #common: CommonAcceptance = new Map();
  readonly #known = new Map<number, Answer>();
  #answers = 1;
  #guessUs: number | null = null;

  constructor(drafter: Drafter, maxTokens: number) {
    this.#drafter = drafter;
    this.#maxTokens = maxTokens;
  }

  /** Tokens to guess in the next step; at most `request.most`, which is what the answer has room for. */
  wanted(request: DraftRequest): number {
    const most = Math.min(request.most, this.#maxTokens);
    const answer = this.#answer(request.id);
    const { controller, aside } = answer;
    aside.compare(request.tokens, (right) => controller.learn(answer.asideKind, right));
    if (most <= 0) return 0;
    const { tokens, kind } = this.#drafter.outlook({ ...request, most });
    answer.kind = kind;
    const length = controller.length(tokens, this.#outlook(kind));
    if (length === 0 && !aside.isOpen) this.#guessAside({ ...request, most: controller.aside(tokens, this.#outlook(kind)) }, answer);
    return length;
  }

  propose(requests: readonly DraftRequest[]): readonly (readonly (readonly number[])[])[] {
    const { drafts, us } = this.#drafter.propose(requests);
    const guessed = drafts.flat(2).length;
    if (guessed > 0) this.#guessUs = this.#guessUs === null ? us / guessed : this.#guessUs + newest * (us / guessed - this.#guessUs);
    return drafts;
  }

  /** What came of a step for one answer. */
  observe(id: number, checked: Checked): void {
    const { controller, aside, kind } = this.#answer(id);
    controller.observe(checked, this.#outlook(kind));
    // What was guessed on the side before is compared no more: the step's guesses have told it.
    if (checked.guessed > 0) aside.guess(0, []);
  }

  /** Once per step, before its answers. */
  measured({ width, guessed, answers, us }: MeasuredStep): void {
    this.#answers = Math.max(1, answers);
    if (guessed === 0 && this.#guessUs !== null) this.#guessUs *= 1 - forgotten;
    // Steps with chunks of prompts too: they tell what wide steps cost before any guess is made.
    this.#cost.observe(width, us);
  }

  forget(id: number): void {
    this.#known.delete(id);
    this.#drafter.forget(id);
  }

  dispose(): void {
    this.#drafter.dispose();
  }

  /** A wrong guess costs a wide step; this one only what guessing costs. */
  #guessAside(request: DraftRequest, answer: Answer): void {
    if (request.most === 0) return;
    const [candidates = []] = this.propose([request]);
    const [best] = candidates;
    if (best === undefined) return;
    answer.controller.spend(best.length * (this.#guessUs ?? 0));
    answer.asideKind = answer.kind;
    answer.aside.guess(request.tokens.length, best);
  }

  #outlook(kind: number): StepOutlook {
    return { cost: this.#cost, answers: this.#answers, guessUs: this.#guessUs ?? 0, kind };
  }

  #answer(id: number): Answer {
    let answer = this.#known.get(id);
    if (!answer) this.#known.set(id, (answer = { controller: new LengthController(this.#common), aside: new Aside(), kind: 0, asideKind: 0 }));
    return answer;
  }
}
