import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { largest, logSumExp, tokenLogprobs } from "../../../../../runtime/backends/llama/logprobs.ts";

const logits = fc.float32Array({ minLength: 1, maxLength: 200, min: -1000, max: 1000, noNaN: true });
const close = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

test("the probabilities of all tokens add to 1", () => {
  fc.assert(fc.property(logits, (values) => {
    const { top } = tokenLogprobs(values, 0, values.length);
    close(top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0), 1, 1e-9);
  }));
});

test("the top tokens are those that a stable sort puts first", () => {
  const coarse = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 60 }); // Few values, so that ties are common.
  fc.assert(fc.property(coarse, fc.nat(25), (values, count) => {
    const sorted = values.map((value, id) => ({ value, id })).sort((a, b) => b.value - a.value || a.id - b.id);
    assert.deepEqual(largest(Float32Array.from(values), count), sorted.slice(0, count).map(({ id }) => id));
  }));
});

test("adding a constant to all logits changes no probability", () => {
  fc.assert(fc.property(logits, fc.integer({ min: -500, max: 500 }), (values, shift) => {
    const whole = values.map(Math.round); // Whole numbers: the shift itself must not round.
    const token = whole.length - 1;
    close(tokenLogprobs(whole.map((value) => value + shift), token, 0).logprob, tokenLogprobs(whole, token, 0).logprob, 1e-9);
  }));
});

test("a token's own logprob is at most 0, and the best token's is the greatest", () => {
  fc.assert(fc.property(logits, fc.nat(), (values, pick) => {
    const { logprob, top } = tokenLogprobs(values, pick % values.length, 1);
    assert.ok(logprob <= 1e-12 && logprob <= (top[0]?.logprob ?? -Infinity));
  }));
});

test("logits that overflow exp, and tokens ruled out with minus infinity", () => {
  close(logSumExp(Float32Array.of(1000, 1000)), 1000 + Math.log(2), 1e-9);
  const { logprob, top } = tokenLogprobs(Float32Array.of(-Infinity, 5), 1, 2);
  assert.equal(logprob, 0);
  assert.deepEqual(top, [{ id: 1, logprob: 0 }, { id: 0, logprob: -Infinity }]);
  assert.equal(logSumExp(Float32Array.of(-Infinity)), -Infinity);
});
