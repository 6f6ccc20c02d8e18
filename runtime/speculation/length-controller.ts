import type { StepCost } from "./step-cost.ts";

/** What a decision depends on beside what this answer has shown so far. */
export interface StepOutlook {
  readonly cost: StepCost;
  /** Answers in the step: they are taken to guess as much as this one. */
  readonly answers: number;
  /** What guessing one token costs before it is checked. */
  readonly guessUs: number;
}

export interface Checked {
  /** Tokens guessed, in all candidates. */
  readonly guessed: number;
  /** Of the longest candidate. */
  readonly drafted: number;
  readonly accepted: number;
}

/** Share of the time that may be lost to guesses, and the steps' worth of it that an answer has on credit at its beginning: a loss of 3 % after 32 tokens. */
const lossShare = 0.015;
const creditSteps = 32;
/** Gains beyond this many steps are not put aside: else a text that changes would first use them up. */
const savedSteps = 8;
/** Guesses must promise this much more than none. */
const worthwhile = 1.02;
/** Tokens to try again with where guesses have been losing, and what may be put aside for that, in steps. */
const trial = 2;
const trialSteps = 1;
/** Weight of the past when a guess is checked: about five checks are remembered. */
const memory = 0.8;
/** Before anything was checked. */
const firstAcceptance = 0.6;
/** After this many steps with guesses one goes without, to measure what they save. */
const plainEvery = 64;

/**
 * How many tokens to guess for one answer. It weighs the tokens that a step is expected to give against what the step costs at that width,
 * and keeps account of what guesses have won and lost: a guess is made only while its whole cost, were it wrong, stays within a small
 * share of the time so far. So the loss is bounded whatever the text does, and the length grows with success.
 */
export class LengthController {
  #accepted = 0;
  #checked = 0;
  /** Microseconds that this answer would have taken so far without guesses, and what they have lost of it; negative is a gain. */
  #elapsedUs = 0;
  #lostUs = 0;
  /** What may be spent on trials. They live on their share of the time: what was won before is not for them. */
  #trialUs: number | null = null;
  #isTrial = false;
  #sincePlain = 0;

  /** Chance that a guessed token is right when those before it are. */
  get acceptance(): number {
    return (this.#accepted + firstAcceptance) / (this.#checked + 1);
  }

  length(most: number, outlook: StepOutlook): number {
    const plain = shareUs(0, outlook);
    if (plain === null || this.#sincePlain >= plainEvery) return 0;
    const best = bestLength(this.acceptance, most, plain, outlook);
    const affordable = lossShare * (this.#elapsedUs + creditSteps * plain) - this.#lostUs;
    const allowed = best > 0 ? affordable : Math.min(affordable, this.#trialUs ?? affordable);
    this.#isTrial = best === 0;
    let length = best > 0 ? best : Math.min(trial, most);
    while (length > 0 && (shareUs(length, outlook) ?? 0) - plain > allowed) length -= 1;
    return length;
  }

  observe({ guessed, drafted, accepted }: Checked, outlook: StepOutlook): void {
    const plain = shareUs(0, outlook);
    if (plain === null) return;
    this.#elapsedUs += plain * (accepted + 1);
    this.#trialUs = Math.min(trialSteps * plain, (this.#trialUs ?? lossShare * creditSteps * plain) + lossShare * plain * (accepted + 1));
    this.#sincePlain = guessed === 0 ? 0 : this.#sincePlain + 1;
    if (guessed === 0) return;
    const spent = shareUs(guessed, outlook) ?? plain;
    if (this.#isTrial) this.#trialUs -= spent - plain * (accepted + 1);
    this.#lostUs = Math.max(-savedSteps * plain, this.#lostUs + spent - plain * (accepted + 1));
    this.#accepted = memory * this.#accepted + accepted;
    // What follows a wrong guess was never put to the test.
    this.#checked = memory * this.#checked + Math.min(drafted, accepted + 1);
  }
}

/** The length with the most tokens for the time; 0 when guessing does not promise more than it costs. */
function bestLength(acceptance: number, most: number, plain: number, outlook: StepOutlook): number {
  let best = { length: 0, rate: worthwhile / plain };
  let tokens = 1;
  let chance = 1;
  for (let length = 1; length <= most; length += 1) {
    chance *= acceptance;
    tokens += chance;
    const rate = tokens / (shareUs(length, outlook) ?? Infinity);
    if (rate > best.rate) best = { length, rate };
  }
  return best.length;
}

/** One answer's share of a step in which each guesses `length` tokens. */
function shareUs(length: number, { cost, answers, guessUs }: StepOutlook): number | null {
  const us = cost.estimate(answers * (1 + length));
  return us === null ? null : us / answers + guessUs * length;
}
