import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { oneAtATime } from "../../../../runtime/scheduler/one-at-a-time.ts";
import type { SequenceState } from "../../../../runtime/scheduler/plan.ts";

const budget = { tokens: 32, promptTokens: 8, lastAdapters: null, lastSequence: null };
const sequence = (it: Partial<SequenceState> & { sequence: number }): SequenceState => ({
  arrival: it.sequence, priority: 0, cached: 0, pending: 1, drafts: 4, paused: false, adapters: "", ...it,
});

test("nobody runs where nobody may", () => {
  assert.deepEqual(oneAtATime([], budget), []);
  assert.deepEqual(oneAtATime([sequence({ sequence: 1, paused: true })], budget), []);
});

test("a prompt is cut where it would be alone, whatever a step's budget is", () => {
  const at = (cached: number, pending: number) => oneAtATime([sequence({ sequence: 3, cached, pending })], budget);
  assert.deepEqual(at(0, 70), [{ sequence: 3, count: 32, sample: false, drafts: 0 }]);
  assert.deepEqual(at(64, 6), [{ sequence: 3, count: 6, sample: true, drafts: 0 }]);
  assert.deepEqual(at(0, 32), [{ sequence: 3, count: 32, sample: true, drafts: 0 }]);
  assert.deepEqual(at(70, 1), [{ sequence: 3, count: 1, sample: true, drafts: 0 }]);
});

test("the most urgent take turns, each as often as any other", () => {
  const urgent = fc.uniqueArray(fc.nat(63), { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(urgent, fc.nat(63), (ids, first) => {
    const states = [...ids.map((id) => sequence({ sequence: id, priority: 1 })), sequence({ sequence: 64 }), sequence({ sequence: 65, priority: 2, paused: true })];
    const turns: number[] = [];
    for (let last: number = first; turns.length < 3 * ids.length;) {
      const [item] = oneAtATime(states, { ...budget, lastSequence: last });
      assert.ok(item);
      turns.push((last = item.sequence));
    }
    for (const id of ids) assert.equal(turns.filter((turn) => turn === id).length, 3);
  }));
});
