import { AnswerAcceptance, type CommonAcceptance } from "./acceptance.ts";
import type { StepCost } from "./step-cost.ts";

/** What a decision depends on beside what this answer has shown so far. */
export interface StepOutlook {
  readonly cost: StepCost;
  /** Answers in the step: they are taken to guess as much as this one. */
  readonly answers: number;
  /** What guessing one token costs before it is checked. */
  readonly guessUs: number;
  /** Kind of the guess that could be made: those of one kind are right about equally often. */
  readonly kind: number;
}

export interface Checked {
  /** Tokens guessed, in all candidates. */
  readonly guessed: number;
  /** Of the longest candidate. */
  readonly drafted: number;
  readonly accepted: number;
}

/** Share of the time that may be lost to guesses, and the steps' worth of it that an answer has on credit at its beginning. */
const lossShare = 0.015;
const creditSteps = 32;
/** Gains beyond this many steps are not put aside: else a text that changes would first use them up. */
const savedSteps = 8;
/** However sure the next token seems, a wrong guess is taken to be at least as likely as this. */
const leastDoubt = 0.35;
/** Guesses must promise this much more than none. */
const worthwhile = 1.02;
/** Tokens to guess on the side, where nobody checks them but the answer's own next tokens. */
const asideTokens = 4;
/** After this many steps with guesses one goes without, to measure what they save. */
const plainEvery = 64;

/**
 * How many tokens to guess for one answer. It weighs the tokens that a step is expected to give against what the step costs at that width,
 * and keeps account of what guesses have won and lost: a guess is made only while what it would lose if it were wrong, weighed by how likely
 * that is, stays within a small share of the time so far. After a loss there is no guess until that share has paid for it.
 */
export class LengthController {
  readonly #acceptance: AnswerAcceptance;
  /** Microseconds that this answer would have taken so far without guesses, and what they have lost of it; negative is a gain. */
  #elapsedUs = 0;
  #lostUs = 0;
  #sincePlain = 0;

  /** `common`: what all answers of the model have shown. */
  constructor(common: CommonAcceptance) {
    this.#acceptance = new AnswerAcceptance(common);
  }

  length(most: number, outlook: StepOutlook): number {
    const plain = shareUs(0, outlook);
    if (plain === null || this.#sincePlain >= plainEvery) return 0;
    const doubt = Math.max(leastDoubt, this.#acceptance.doubt(outlook.kind));
    const affordable = plain + this.#affordableUs(plain) / doubt;
    return bestLength({ acceptance: this.#acceptance.expected(outlook.kind), most, plain, affordable }, outlook);
  }

  /** Tokens to guess only to see whether guessing would be right, where it is not worth more than that. */
  aside(most: number, outlook: StepOutlook): number {
    const plain = shareUs(0, outlook);
    const length = Math.min(most, asideTokens);
    return plain !== null && length * outlook.guessUs <= this.#affordableUs(plain) ? length : 0;
  }

  /** What guesses on the side have cost. */
  spend(us: number): void {
    this.#lostUs += us;
  }

  /** A guessed token was right or wrong. What follows a wrong one was never put to the test. */
  learn(kind: number, right: boolean): void {
    this.#acceptance.learn(kind, right);
  }

  observe({ guessed, drafted, accepted }: Checked, outlook: StepOutlook): void {
    const plain = shareUs(0, outlook);
    if (plain === null) return;
    this.#elapsedUs += plain * (accepted + 1);
    this.#sincePlain = guessed === 0 ? 0 : this.#sincePlain + 1;
    if (guessed === 0) return;
    const spent = shareUs(guessed, outlook) ?? plain;
    this.#lostUs = Math.max(-savedSteps * plain, this.#lostUs + spent - plain * (accepted + 1));
    for (let token = 0; token < accepted; token += 1) this.learn(outlook.kind, true);
    if (accepted < drafted) this.learn(outlook.kind, false);
  }

  #affordableUs(plain: number): number {
    return lossShare * (this.#elapsedUs + creditSteps * plain) - this.#lostUs;
  }
}

interface Limits {
  readonly acceptance: number;
  readonly most: number;
  /** Microseconds of a step without guesses, and most of one with them. */
  readonly plain: number;
  readonly affordable: number;
}

/** The affordable length with the most tokens for the time; 0 when guessing does not promise more than it costs. */
function bestLength({ acceptance, most, plain, affordable }: Limits, outlook: StepOutlook): number {
  let best = { length: 0, rate: worthwhile / plain };
  let tokens = 1;
  let chance = 1;
  for (let length = 1; length <= most; length += 1) {
    chance *= acceptance;
    tokens += chance;
    const us = shareUs(length, outlook) ?? Infinity;
    if (us <= affordable && tokens / us > best.rate) best = { length, rate: tokens / us };
  }
  return best.length;
}

/** One answer's share of a step in which each guesses `length` tokens. */
function shareUs(length: number, { cost, answers, guessUs }: StepOutlook): number | null {
  const us = cost.estimate(answers * (1 + length));
  return us === null ? null : us / answers + guessUs * length;
}
