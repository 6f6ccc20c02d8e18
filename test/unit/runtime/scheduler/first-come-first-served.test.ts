import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { firstComeFirstServed } from "../../../../runtime/scheduler/first-come-first-served.ts";
import type { SequenceState } from "../../../../runtime/scheduler/plan.ts";

const sequence = (it: Partial<SequenceState> & { sequence: number }): SequenceState => ({
  arrival: it.sequence, cached: 0, pending: 1, paused: false, ...it,
});

/** Any set of running sequences; some decode, some are in their prompt. */
const states = fc.uniqueArray(fc.nat(63), { maxLength: 16 }).chain((ids) => fc.tuple(...ids.map((id) => fc.record({
  sequence: fc.constant(id),
  arrival: fc.constant((id * 37) % 64),
  cached: fc.oneof(fc.constant(0), fc.nat(5000)),
  pending: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 3000 })),
  paused: fc.boolean(),
}))));
const budgets = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 2048 }));

describe("first come, first served", () => {
  test("answers come first with one token each, the oldest prompt takes the rest", () => {
    const plan = firstComeFirstServed([
      sequence({ sequence: 0, pending: 700 }),
      sequence({ sequence: 1, pending: 100 }),
      sequence({ sequence: 2, cached: 40 }),
      sequence({ sequence: 3, cached: 90, paused: true }),
      sequence({ sequence: 4, cached: 20 }),
    ], { tokens: 512 });
    assert.deepEqual(plan, [
      { sequence: 2, count: 1, sample: true },
      { sequence: 4, count: 1, sample: true },
      { sequence: 0, count: 510, sample: false },
    ]);
  });

  test("a short prompt shares the step with the end of a long one", () => {
    const plan = firstComeFirstServed([sequence({ sequence: 1, pending: 60 }), sequence({ sequence: 0, cached: 512, pending: 30 })], { tokens: 64 });
    assert.deepEqual(plan, [{ sequence: 0, count: 30, sample: true }, { sequence: 1, count: 34, sample: false }]);
  });

  test("every plan keeps the rules", () => {
    fc.assert(fc.property(states, budgets, (sequences, tokens) => {
      const plan = firstComeFirstServed(sequences, { tokens });
      const planned = new Map(plan.map((item) => [item.sequence, item]));
      assert.equal(planned.size, plan.length, "a sequence is planned once");
      assert.ok(plan.reduce((sum, item) => sum + item.count, 0) <= tokens, "the budget holds");
      for (const item of plan) {
        const state = sequences.find((it) => it.sequence === item.sequence);
        assert.ok(state && !state.paused, "only running sequences are planned");
        assert.ok(item.count >= 1 && item.count <= state.pending);
        assert.equal(item.sample, item.count === state.pending, "sampling follows the last pending token");
      }
      assert.equal(plan.length === 0, sequences.every((it) => it.paused), "something runs if anything may");
    }));
  });

  test("with room for all, no answer waits for a step, and the oldest prompt moves", () => {
    fc.assert(fc.property(states, (sequences) => {
      const plan = new Set(firstComeFirstServed(sequences, { tokens: Math.max(1, sequences.length) }).map((item) => item.sequence));
      const running = sequences.filter((it) => !it.paused).sort((a, b) => a.arrival - b.arrival);
      for (const it of running) if (it.pending === 1 && it.cached > 0) assert.ok(plan.has(it.sequence));
      const prompt = running.find((it) => it.pending > 1 || it.cached === 0);
      if (prompt) assert.ok(plan.has(prompt.sequence));
    }));
  });

  test("nobody starves: every request ends, the oldest as early as if it were alone", () => {
    const requests = fc.array(fc.record({ prompt: fc.integer({ min: 1, max: 200 }), answer: fc.integer({ min: 1, max: 30 }) }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(requests, fc.integer({ min: 1, max: 64 }), (work, tokens) => {
      const running = work.map((it, arrival) => ({ arrival, cached: 0, pending: it.prompt, left: it.answer, endedAt: 0 }));
      const total = work.reduce((sum, it) => sum + it.prompt + it.answer, 0);
      for (let step = 1; running.some((it) => it.endedAt === 0); step += 1) {
        assert.ok(step <= total, "every step does some work");
        const alive = running.filter((it) => it.endedAt === 0);
        for (const { sequence: id, count, sample } of firstComeFirstServed(alive.map((it) => ({ ...it, sequence: it.arrival, paused: false })), { tokens })) {
          const it = running[id]!;
          it.cached += count;
          it.pending -= count;
          if (!sample) continue;
          it.left -= 1;
          it.pending = 1;
          if (it.left === 0) it.endedAt = step;
        }
      }
      // The oldest is served as if it were alone.
      assert.equal(running[0]!.endedAt, Math.ceil(work[0]!.prompt / tokens) + work[0]!.answer - 1);
    }));
  });
});
