/** How often guessed tokens are right, the newer the more it counts. */
class Acceptance {
  readonly #memory: number;
  #right = 0;
  #checked = 0;

  /** `memory`: weight of the past when a token is checked. */
  constructor(memory: number) {
    this.#memory = memory;
  }

  get right(): number {
    return this.#right;
  }

  get checked(): number {
    return this.#checked;
  }

  learn(right: boolean): void {
    this.#right = this.#memory * this.#right + (right ? 1 : 0);
    this.#checked = this.#memory * this.#checked + 1;
  }
}

/** Before anything was checked, and how many tokens that opinion is worth. */
const first = { acceptance: 0.6, tokens: 0.5 };
/** About seven tokens of an answer are remembered, about fifty of all. */
const ownMemory = 0.85;
const commonMemory = 0.98;
/** Most tokens that the experience with other answers is worth. */
const mostCommon = 5;

/** What all answers of a model have shown, by the kind of guess. */
export type CommonAcceptance = Map<number, Acceptance>;

/** What one answer has shown, by the kind of guess; what others have shown is where it begins. */
export class AnswerAcceptance {
  readonly #common: CommonAcceptance;
  readonly #own = new Map<number, Acceptance>();

  constructor(common: CommonAcceptance) {
    this.#common = common;
  }

  /** Chance that a guessed token is right when those before it are. */
  expected(kind: number): number {
    const { right, checked } = this.#evidence(kind);
    return (right + first.acceptance * first.tokens) / (checked + first.tokens);
  }

  /** How likely it is to be wrong, to be careful: what was not checked counts as wrong. */
  doubt(kind: number): number {
    const { right, checked } = this.#evidence(kind);
    return 1 - right / (checked + 1);
  }

  learn(kind: number, right: boolean): void {
    of(this.#own, kind, ownMemory).learn(right);
    of(this.#common, kind, commonMemory).learn(right);
  }

  #evidence(kind: number): { right: number; checked: number } {
    const [own, common] = [this.#own.get(kind), this.#common.get(kind)];
    const weight = common ? Math.min(1, mostCommon / common.checked) : 0;
    // The more this answer has shown itself, the less the others count.
    const share = weight / (1 + (own?.checked ?? 0));
    return { right: (own?.right ?? 0) + share * (common?.right ?? 0), checked: (own?.checked ?? 0) + share * (common?.checked ?? 0) };
  }
}

function of(kinds: Map<number, Acceptance>, kind: number, memory: number): Acceptance {
  let known = kinds.get(kind);
  if (!known) kinds.set(kind, (known = new Acceptance(memory)));
  return known;
}
