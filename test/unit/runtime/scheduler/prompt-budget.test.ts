import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { promptBudget } from "../../../../runtime/scheduler/prompt-budget.ts";

const facts = { batch: 512, decoding: 1, prompting: 1, usPerPromptToken: 1000, usPerDecodeStep: 20_000 };

test("a step ends before the answers in it have waited for too long", () => {
  assert.equal(promptBudget({ ...facts, usPerPromptToken: 4000 }), 245);
  assert.equal(promptBudget({ ...facts, usPerPromptToken: 10 }), 512);
});

test("nobody waits: the whole batch; nothing measured: a careful first chunk", () => {
  assert.equal(promptBudget({ ...facts, decoding: 0 }), 512);
  assert.equal(promptBudget({ ...facts, usPerPromptToken: null, usPerDecodeStep: null }), 128);
  assert.equal(promptBudget({ ...facts, batch: 64, usPerPromptToken: null }), 64);
});

test("many first tokens outweigh few next ones, within a bound", () => {
  const slow = { ...facts, usPerPromptToken: 10_000 };
  assert.equal(promptBudget(slow), 98);
  assert.equal(promptBudget({ ...slow, prompting: 2 }), 198);
  assert.equal(promptBudget({ ...slow, decoding: 3, prompting: 3 }), 98);
  assert.equal(promptBudget({ ...slow, prompting: 100 }), 198);
});

test("prompts always move, and on a slow machine they get two thirds of the time", () => {
  assert.equal(promptBudget({ ...facts, usPerPromptToken: 1e9 }), 32);
  assert.equal(promptBudget({ ...facts, usPerPromptToken: 10_000, usPerDecodeStep: 1_000_000 }), 200);
});

test("the predicted gap holds wherever more than the smallest chunk was given", () => {
  fc.assert(fc.property(fc.integer({ min: 32, max: 4096 }), fc.double({ min: 1, max: 1e6, noNaN: true }), fc.double({ min: 1, max: 1e6, noNaN: true }), (batch, usPerPromptToken, usPerDecodeStep) => {
    const tokens = promptBudget({ batch, decoding: 3, prompting: 3, usPerPromptToken, usPerDecodeStep });
    assert.ok(tokens >= 32 && tokens <= batch);
    if (tokens > 32) assert.ok(usPerDecodeStep + tokens * usPerPromptToken <= Math.max(1_000_000, 3 * usPerDecodeStep) + 1);
  }));
});
