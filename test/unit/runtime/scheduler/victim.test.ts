import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { victim } from "../../../../runtime/scheduler/victim.ts";

test("never the last one, and never the one that has waited longest for its turn", () => {
  assert.equal(victim([]), null);
  assert.equal(victim([{ sequence: 3, arrival: 0, priority: 0, paused: false }]), null);
  const running = fc.uniqueArray(fc.record({ sequence: fc.nat(31), arrival: fc.nat(99), priority: fc.integer({ min: -2, max: 2 }), paused: fc.boolean() }), {
    minLength: 2, selector: (it) => it.arrival,
  });
  fc.assert(fc.property(running, (all) => {
    const chosen = victim(all);
    const [last] = all.toSorted((a, b) => Number(b.paused) - Number(a.paused) || a.priority - b.priority || b.arrival - a.arrival);
    assert.equal(chosen, last!.sequence);
  }));
});
