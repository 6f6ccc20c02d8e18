import assert from "node:assert/strict";
import { test } from "node:test";
import { planSamplers } from "../../../../../runtime/backends/llama/samplers.ts";

const off = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 7, topLogprobs: null };

test("temperature 0 is greedy, and nothing else matters then", () => {
  assert.deepEqual(planSamplers({ ...off, temperature: 0, topK: 40, topP: 0.5, minP: 0.1 }), [{ kind: "greedy" }]);
});

test("cuts come first, then the temperature, then the draw", () => {
  assert.deepEqual(planSamplers({ ...off, temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05 }), [
    { kind: "topK", k: 40 },
    { kind: "topP", p: 0.95 },
    { kind: "minP", p: 0.05 },
    { kind: "temperature", temperature: 0.8 },
    { kind: "draw", seed: 7 },
  ]);
});

test("samplers that would do nothing are left out", () => {
  assert.deepEqual(planSamplers(off), [{ kind: "draw", seed: 7 }]);
});

test("the seed that llama.cpp would replace by a random one is replaced by a fixed one", () => {
  assert.deepEqual(planSamplers({ ...off, seed: 0xffff_ffff }), [{ kind: "draw", seed: 0xffff_fffe }]);
  assert.deepEqual(planSamplers({ ...off, seed: 0 }), [{ kind: "draw", seed: 0 }]);
});
