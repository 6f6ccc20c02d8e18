import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { batching } from "../../../../runtime/scheduler/batching.ts";
import { isDecoding } from "../../../../runtime/scheduler/is-decoding.ts";
import type { SequenceState, StepBudget } from "../../../../runtime/scheduler/plan.ts";

const sequence = (it: Partial<SequenceState> & { sequence: number }): SequenceState => ({
  arrival: it.sequence, priority: 0, cached: 0, pending: 1, drafts: 0, paused: false, adapters: "", ...it,
});
const budget = (it: Partial<StepBudget> = {}): StepBudget => ({ tokens: 512, promptTokens: 512, lastAdapters: null, lastSequence: null, ...it });

/** Any set of running sequences; some decode, some are in their prompt. */
const states = fc.uniqueArray(fc.nat(63), { maxLength: 16 }).chain((ids) => fc.tuple(...ids.map((id) => fc.record({
  sequence: fc.constant(id),
  arrival: fc.constant((id * 37) % 64),
  priority: fc.integer({ min: -1, max: 1 }),
  cached: fc.oneof(fc.constant(0), fc.nat(5000)),
  pending: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 3000 })),
  drafts: fc.oneof(fc.constant(0), fc.nat(16)),
  paused: fc.boolean(),
  adapters: fc.constantFrom("", "", "0:1", "1:0.5"),
}))));
const budgets = fc.record({
  tokens: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 2048 })),
  promptTokens: fc.integer({ min: 1, max: 2048 }),
  lastAdapters: fc.constantFrom(null, "", "0:1", "1:0.5"),
  lastSequence: fc.constant(null),
});

describe("a step", () => {
  test("has the answers' tokens first, then their guesses, then a chunk of the oldest prompt", () => {
    const plan = batching([
      sequence({ sequence: 0, pending: 700 }),
      sequence({ sequence: 1, pending: 100 }),
      sequence({ sequence: 2, cached: 40, drafts: 4 }),
      sequence({ sequence: 3, cached: 90, paused: true }),
      sequence({ sequence: 4, cached: 20 }),
    ], budget({ promptTokens: 200 }));
    assert.deepEqual(plan, [
      { sequence: 2, count: 1, sample: true, drafts: 4 },
      { sequence: 4, count: 1, sample: true, drafts: 0 },
      { sequence: 0, count: 200, sample: false, drafts: 0 },
    ]);
  });

  test("belongs to the prompts alone when no answer runs", () => {
    const plan = batching([sequence({ sequence: 1, pending: 60 }), sequence({ sequence: 0, cached: 512, pending: 30 })], budget({ tokens: 64, promptTokens: 8 }));
    assert.deepEqual(plan.map(({ sequence, count, sample }) => ({ sequence, count, sample })), [{ sequence: 0, count: 30, sample: true }, { sequence: 1, count: 34, sample: false }]);
  });

  test("serves higher priority first", () => {
    const plan = batching([sequence({ sequence: 0, pending: 60 }), sequence({ sequence: 1, pending: 60, priority: 1 })], budget({ tokens: 64 }));
    assert.deepEqual(plan.map(({ sequence, count }) => [sequence, count]), [[1, 60], [0, 4]]);
  });

  test("leaves guesses no room that a prompt needs", () => {
    const plan = batching([sequence({ sequence: 0, cached: 9, drafts: 60 }), sequence({ sequence: 1, pending: 500 })], budget({ tokens: 64 }));
    assert.deepEqual(plan.map(({ count, drafts }) => [count, drafts]), [[1, 31], [32, 0]]);
  });

  test("has one set of adapters, and sets take turns", () => {
    const all = [sequence({ sequence: 0, cached: 1, adapters: "a" }), sequence({ sequence: 1, cached: 1, adapters: "b" }), sequence({ sequence: 2, cached: 1, adapters: "a" })];
    const step = (lastAdapters: string | null) => batching(all, budget({ lastAdapters })).map((item) => item.sequence);
    assert.deepEqual([step(null), step("a"), step("b"), step("gone")], [[0, 2], [1], [0, 2], [0, 2]]);
  });
});

test("every plan keeps the rules", () => {
  fc.assert(fc.property(states, budgets, (sequences, limits) => {
    const plan = batching(sequences, limits);
    const able = sequences.filter((it) => !it.paused);
    assert.equal(plan.length === 0, able.length === 0, "something runs if anything may");
    assert.equal(new Set(plan.map((item) => item.sequence)).size, plan.length, "a sequence is planned once");
    assert.ok(plan.reduce((sum, { count, drafts }) => sum + count + drafts, 0) <= limits.tokens, "the budget holds");
    const planned = plan.map((item) => ({ ...item, state: able.find((it) => it.sequence === item.sequence)! }));
    assert.ok(new Set(planned.map(({ state }) => state.adapters)).size <= 1, "one set of adapters");
    for (const { state, count, sample, drafts } of planned) {
      assert.ok(state, "only running sequences are planned");
      assert.ok(count >= 1 && count <= state.pending);
      assert.equal(sample, count === state.pending, "sampling follows the last pending token");
      assert.ok(drafts >= 0 && drafts <= (isDecoding(state) ? state.drafts : 0));
    }
    const prompts = planned.filter(({ state }) => !isDecoding(state));
    const answers = planned.filter(({ state }) => isDecoding(state));
    if (answers.length > 0) assert.ok(prompts.reduce((sum, { count }) => sum + count, 0) <= limits.promptTokens, "prompts do not hold up answers");
    const set = planned[0]?.state.adapters;
    const waiting = able.filter((it) => it.adapters === set && isDecoding(it)).length - answers.length;
    if (waiting > 0) assert.equal(plan.length, limits.tokens, "an answer waits only where the batch is full of answers");
    const prompt = able.find((it) => it.adapters === set && !isDecoding(it));
    if (prompt && answers.length < limits.tokens) assert.ok(prompts.length > 0, "prompts move whatever is guessed");
  }), { numRuns: 500 });
});

interface Work {
  readonly prompt: number;
  readonly answer: number;
  readonly priority?: number;
  readonly adapters?: string;
  readonly drafts?: number;
}

/** Steps until everybody is done; all guesses are wrong. Returns the sequences of each step. */
function run(work: readonly Work[], limits: Partial<StepBudget>): number[][] {
  const running = work.map((it, arrival) => ({ priority: 0, adapters: "", drafts: 0, ...it, arrival, sequence: arrival, cached: 0, pending: it.prompt, left: it.answer, paused: false }));
  const steps: number[][] = [];
  const total = work.reduce((sum, it) => sum + it.prompt + it.answer, 0);
  let lastAdapters: string | null = null;
  for (let alive = running; alive.length > 0; alive = alive.filter((it) => it.left > 0)) {
    assert.ok(steps.length <= total, "every step does some work");
    const plan = batching(alive, budget({ ...limits, lastAdapters }));
    steps.push(plan.map((item) => item.sequence));
    for (const { sequence: id, count, sample } of plan) {
      const it = running[id]!;
      lastAdapters = it.adapters;
      it.cached += count;
      it.pending -= count;
      if (!sample) continue;
      it.left -= 1;
      it.pending = 1;
    }
  }
  return steps;
}

describe("over many steps", () => {
  test("streams of equal length go together from first to last", () => {
    for (const streams of [2, 8, 32]) {
      const steps = run(Array.from({ length: streams }, () => ({ prompt: 10, answer: 64, drafts: 4 })), {});
      assert.equal(steps.length, 64);
      assert.ok(steps.every((step) => step.length === streams));
    }
  });

  test("nobody starves", () => {
    const work = fc.array(fc.record({
      prompt: fc.integer({ min: 1, max: 200 }), answer: fc.integer({ min: 1, max: 30 }), priority: fc.integer({ min: 0, max: 1 }),
      adapters: fc.constantFrom("", "x"), drafts: fc.nat(8),
    }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(work, fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 64 }), (all, tokens, promptTokens) => {
      run(all, { tokens, promptTokens });
    }));
  });

  test("the most urgent is served as if it were alone", () => {
    const work = fc.array(fc.record({ prompt: fc.integer({ min: 1, max: 200 }), answer: fc.integer({ min: 1, max: 30 }) }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(work, fc.integer({ min: 8, max: 64 }), (all, tokens) => {
      const last = run(all, { tokens, promptTokens: tokens }).findLastIndex((step) => step.includes(0));
      // Others' answers may stand beside its prompt, at most seven tokens of them.
      assert.ok(last < Math.ceil(all[0]!.prompt / Math.max(1, tokens - 7)) + all[0]!.answer);
    }));
  });
});
