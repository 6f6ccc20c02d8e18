import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { promptBudget } from "../../../../runtime/scheduler/prompt-budget.ts";

const facts = { batch: 512, running: 1, usPerPromptToken: 1000, usPerDecodeStep: 20_000 };

test("a step ends before the answers in it have waited for too long", () => {
  assert.equal(promptBudget(facts), 80);
  assert.equal(promptBudget({ ...facts, usPerPromptToken: 10 }), 512);
});

test("nobody waits: the whole batch; nothing measured: a careful first chunk", () => {
  assert.equal(promptBudget({ ...facts, running: 0 }), 512);
  assert.equal(promptBudget({ ...facts, usPerPromptToken: null, usPerDecodeStep: null }), 128);
  assert.equal(promptBudget({ ...facts, batch: 64, usPerPromptToken: null }), 64);
});

test("prompts always move, and on a slow machine they get two thirds of the time", () => {
  assert.equal(promptBudget({ ...facts, usPerPromptToken: 1e9 }), 32);
  assert.equal(promptBudget({ ...facts, usPerDecodeStep: 200_000 }), 400);
});

test("the predicted gap holds wherever more than the smallest chunk was given", () => {
  fc.assert(fc.property(fc.integer({ min: 32, max: 4096 }), fc.double({ min: 1, max: 1e6, noNaN: true }), fc.double({ min: 1, max: 1e6, noNaN: true }), (batch, usPerPromptToken, usPerDecodeStep) => {
    const tokens = promptBudget({ batch, running: 3, usPerPromptToken, usPerDecodeStep });
    assert.ok(tokens >= 32 && tokens <= batch);
    if (tokens > 32) assert.ok(usPerDecodeStep + tokens * usPerPromptToken <= Math.max(100_000, 3 * usPerDecodeStep) + 1);
  }));
});
