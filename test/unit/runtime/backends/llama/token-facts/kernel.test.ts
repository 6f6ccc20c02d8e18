import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LogitsKernel } from "../../../../../../runtime/backends/llama/token-facts/kernel.ts";

/** Half of the values forbidden or one of a few, so that ties and gaps are common. */
const logit = fc.oneof(
  fc.float({ min: -60, max: 60, noNaN: true }), fc.float({ min: -2000, max: 2000, noNaN: true }), fc.constantFrom(-Infinity, -3, 0, 0.5, 7));
/** Not only multiples of the four lanes or of the 64 in a block. */
const vocabulary = fc.oneof(
  fc.array(logit, { minLength: 1, maxLength: 9 }), fc.array(logit, { minLength: 60, maxLength: 70 }), fc.array(logit, { minLength: 120, maxLength: 400 }));

/** In double precision, with Math.exp. */
function expected(values: readonly number[]) {
  const largest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const normalizer = largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  const entropy = values.reduce((sum, value) => (value === -Infinity ? sum : sum - Math.exp(value - normalizer) * (value - normalizer)), 0);
  const best = values.map((value, id) => ({ value, id })).filter(({ value }) => value > -Infinity).sort((a, b) => b.value - a.value || a.id - b.id);
  return { logprob: (id: number) => (values[id] ?? -Infinity) - normalizer, entropy, best: best.map(({ id }) => id) };
}

function look(values: readonly number[], candidates: number): LogitsKernel {
  const kernel = new LogitsKernel(values.length);
  kernel.logits.set(values);
  kernel.look(candidates);
  return kernel;
}

const close = (actual: number, wanted: number, tolerance: number, what: string): void =>
  assert.ok(actual === wanted || Math.abs(actual - wanted) <= tolerance * Math.max(1, Math.abs(wanted)), `${what}: ${actual}, not ${wanted}`);

test("log-probabilities and entropy are those of a computation in double precision; the most likely tokens are those of a stable sort", () => {
  fc.assert(fc.property(vocabulary, fc.nat(32), fc.nat(), (values, candidates, pick) => {
    fc.pre(values.some((value) => value > -Infinity));
    const kernel = look(values, candidates);
    const right = expected(values);
    const id = pick % values.length;
    close(kernel.logprob(id), right.logprob(id), 1e-5, "logprob");
    close(kernel.entropy, right.entropy, 1e-4, "entropy");
    assert.deepEqual(kernel.top(32).map((each) => each.id), right.best.slice(0, candidates));
    for (const each of kernel.top(3)) close(each.logprob, right.logprob(each.id), 1e-5, "top");
  }), { numRuns: 2000 });
});

test("a large vocabulary of nearly equal tokens: what a sum in 32 bits would lose is there", () => {
  const values = Array.from({ length: 151_937 }, (_, id) => Math.fround(Math.sin(id) / 8));
  const kernel = look(values, 5);
  const { logprob, entropy, best } = expected(values);
  close(kernel.logprob(7), logprob(7), 1e-5, "logprob");
  close(kernel.entropy, entropy, 1e-5, "entropy");
  assert.deepEqual(kernel.top(32).map(({ id }) => id), best.slice(0, 5));
});

test("one kernel looks at one row after the other, and the row before leaves nothing behind", () => {
  const kernel = new LogitsKernel(70);
  kernel.logits.fill(50);
  kernel.look(32);
  kernel.logits.fill(-Infinity);
  kernel.logits[69] = -4;
  kernel.logits[3] = -5;
  kernel.look(32);
  assert.deepEqual(kernel.top(32).map(({ id }) => id), [69, 3]);
  close(kernel.logprob(69), -Math.log1p(Math.exp(-1)), 1e-5, "logprob");
  assert.equal(kernel.logprob(0), -Infinity);
});

test("logits that are no distribution give no number that looks like one", () => {
  const forbidden = look([-Infinity, -Infinity], 5);
  assert.deepEqual([forbidden.logprob(1), forbidden.entropy, forbidden.top(5)], [-Infinity, NaN, []]);
  assert.ok(Number.isNaN(look([Infinity, 1], 1).entropy));
  assert.equal(look([3], 5).entropy, 0);
});
