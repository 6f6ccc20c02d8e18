import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { LengthController } from "../../../../runtime/speculation/length-controller.ts";
import { StepCost } from "../../../../runtime/speculation/step-cost.ts";

/** Numbers in [0, 1) that look random and are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Simulation {
  /** Chance that a guess is right, by the token's position. */
  readonly acceptance: (position: number) => number;
  /** Microseconds of a step by its width. */
  readonly stepUs: (width: number) => number;
  readonly tokens?: number;
  readonly most?: number;
  readonly guessUs?: number;
  readonly seed?: number;
  readonly answers?: number;
}

/** How much faster answers are with guesses than without; all of them guess alike. */
function speedup(simulation: Simulation): number {
  const { us, plainUs } = simulate(simulation);
  return plainUs / us;
}

function simulate({ acceptance, stepUs, tokens = 1000, most = 16, guessUs = 0, seed = 1, answers = 1 }: Simulation): { us: number; plainUs: number } {
  const [next, cost, controller] = [random(seed), new StepCost(), new LengthController(new Map())];
  const outlook = { cost, answers, guessUs, kind: 0 };
  // The prompt.
  cost.observe(60, stepUs(60));
  let us = 0;
  let made = 0;
  while (made < tokens) {
    const guessed = controller.length(Math.min(most, tokens - made - 1), outlook);
    if (guessed === 0 && controller.aside(1, outlook) > 0) {
      controller.spend(guessUs);
      us += answers * guessUs;
      controller.learn(0, next() < acceptance(made));
    }
    let accepted = 0;
    while (accepted < guessed && next() < acceptance(made + accepted)) accepted += 1;
    const width = answers * (1 + guessed);
    cost.observe(width, stepUs(width));
    controller.observe({ guessed, drafted: guessed, accepted }, outlook);
    us += stepUs(width) + answers * guessUs * guessed;
    made += accepted + 1;
  }
  return { us, plainUs: made * stepUs(answers) };
}

/** As measured for a small model on a processor, and about what a graphics card does. */
const processor = (width: number): number => 4000 + 3000 * width;
const card = (width: number): number => 10_000 + 100 * width;
/** One token takes another kernel than several: measured, too. */
const leap = (width: number): number => (width === 1 ? 10_400 : 22_000 + 4400 * width);

describe("what guessing gives", () => {
  test("where guesses are right, several times the speed", () => {
    assert.ok(speedup({ acceptance: () => 1, stepUs: processor }) > 1.9);
    assert.ok(speedup({ acceptance: () => 0.9, stepUs: processor }) > 1.35);
    assert.ok(speedup({ acceptance: () => 1, stepUs: card }) > 10);
    assert.ok(speedup({ acceptance: () => 0.6, stepUs: card }) > 1.9);
  });

  test("where they are wrong, next to nothing is lost", () => {
    for (const rate of [0, 0.1, 0.2, 0.3]) {
      for (const seed of [1, 2, 3]) assert.ok(speedup({ acceptance: () => rate, stepUs: processor, seed }) > 0.97, `acceptance ${rate}`);
    }
  });

  test("where two tokens cost as much as three steps, only long guesses are made, and only where they are sure", () => {
    assert.ok(speedup({ acceptance: () => 1, stepUs: leap }) > 1.5);
    for (const rate of [0, 0.3, 0.6, 0.9]) assert.ok(speedup({ acceptance: () => rate, stepUs: leap }) > 0.97, `acceptance ${rate}`);
  });

  test("where the text changes, it follows", () => {
    const changing = (position: number): number => (Math.floor(position / 200) % 2 === 0 ? 0.95 : 0);
    assert.ok(speedup({ acceptance: changing, stepUs: processor, tokens: 2000 }) > 1.15);
    // It finds out in the middle of a text that had nothing to guess.
    assert.ok(speedup({ acceptance: (position) => (position < 500 ? 0 : 1), stepUs: card, tokens: 1000 }) > 1.4);
  });

  test("a draft model's own time counts", () => {
    assert.ok(speedup({ acceptance: () => 0.9, stepUs: card, guessUs: 1000 }) > 2);
    assert.ok(speedup({ acceptance: () => 0.9, stepUs: card, guessUs: 12_000 }) > 0.97);
  });

  test("with many answers in a step there is less to gain, and as little to lose", () => {
    assert.ok(speedup({ acceptance: () => 0.95, stepUs: card, answers: 8 }) > 3);
    assert.ok(speedup({ acceptance: () => 0.5, stepUs: (width) => 3000 * width, answers: 8 }) > 0.97);
  });
});

test("the loss stays under 3 % whatever is right and wrong, and whatever steps cost", () => {
  fc.assert(fc.property(
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }),
    fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 64, max: 1500 }), fc.integer({ min: 1, max: 12 }), fc.nat(),
    (rates, every, slope, guessUs, tokens, answers, seed) => {
      const acceptance = (position: number): number => rates[Math.floor(position / every) % rates.length]!;
      const gained = speedup({ acceptance, stepUs: (width) => 10_000 * (1 - slope) + 10_000 * slope * width, guessUs, tokens, answers, seed });
      assert.ok(gained > 0.97, `${gained}`);
    }), { numRuns: 300 });
});

test("nothing is guessed before a step was measured, and now and then one goes without, to measure again", () => {
  const [cost, controller] = [new StepCost(), new LengthController(new Map())];
  const outlook = { cost, answers: 1, guessUs: 0, kind: 0 };
  assert.equal(controller.length(16, outlook), 0);
  const lengths: number[] = [];
  for (let step = 0; step < 200; step += 1) {
    const guessed = controller.length(16, outlook);
    cost.observe(1 + guessed, card(1 + guessed));
    controller.observe({ guessed, drafted: guessed, accepted: guessed }, outlook);
    lengths.push(guessed);
  }
  assert.equal(lengths.filter((length) => length === 0).length, 1 + Math.floor(199 / 65));
  assert.equal(lengths.at(-1), 16);
  assert.equal(controller.length(3, outlook), 3);
  assert.equal(controller.length(0, outlook), 0);
});
