import assert from "node:assert/strict";
import { test } from "node:test";
import { StepCost } from "../../../../runtime/speculation/step-cost.ts";

const measured = (...steps: readonly (readonly [width: number, us: number])[]): StepCost => {
  const cost = new StepCost();
  for (const [width, us] of steps) cost.observe(width, us);
  return cost;
};

test("before two widths are known wider ones are guessed, before one is none", () => {
  assert.equal(new StepCost().estimate(1), null);
  assert.equal(measured([1, 100]).estimate(1), 100);
  assert.equal(measured([1, 100]).estimate(3), 180);
});

test("between and beyond measured widths it goes on in a straight line", () => {
  const cost = measured([1, 100], [5, 180], [9, 200]);
  assert.deepEqual([1, 3, 5, 7, 17].map((width) => cost.estimate(width)), [100, 140, 180, 190, 300]);
  assert.equal(measured([4, 100], [8, 500]).estimate(3), null);
});

test("a step that is another kernel's at width 1 is kept apart", () => {
  assert.equal(measured([1, 70], [2, 170], [5, 200]).estimate(1), 70);
});

test("a busy moment counts little, a lasting change counts", () => {
  const cost = measured([1, 100], [1, 10_000]);
  assert.ok(Math.abs(cost.estimate(1)! - 140) < 1e-9);
  for (let i = 0; i < 40; i += 1) cost.observe(1, 500);
  assert.ok(cost.estimate(1)! > 490);
});

test("a width that is not seen any more is forgotten, and its first time is not believed beyond reason", () => {
  const cost = measured([1, 100], [3, 10_000]);
  assert.equal(cost.estimate(3), 540);
  for (let i = 0; i < 600; i += 1) cost.observe(1, 100);
  assert.equal(cost.estimate(3), 180);
});
