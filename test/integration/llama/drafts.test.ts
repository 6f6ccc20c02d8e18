import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import fc from "fast-check";
import type { Backend, LoadOptions } from "../../../runtime/backends/backend.ts";
import { chat, creative, generate, greedy, ids, loadEmber, prefill } from "./ember.ts";

const questions = ["What is 17 + 25?", "Tell me a story about a fox.", "What is the French word for cat?"];
const settings = { greedy, seeded: creative, penalised: { ...creative, repeatPenalty: 1.3, dryMultiplier: 0.8, seed: 9 } };

type Guess = (answer: readonly number[]) => readonly (readonly number[])[];

/** What follows `answer` in `whole`, at most `length` tokens. */
const next = (whole: readonly number[], answer: readonly number[], length: number) => whole.slice(answer.length, answer.length + length);

const layouts: readonly [what: string, options: Partial<LoadOptions>][] = [
  ["one pool", { kvLayout: "unified" }],
  ["one pool, several guesses at once", { kvLayout: "unified", candidates: 4 }],
  ["cells for each", { kvLayout: "per_sequence", candidates: 4 }],
];

for (const [what, options] of layouts) {
  suite(`guessed tokens, ${what}`, () => {
    let backend: Backend;
    before(async () => {
      // With f16, steps of 64 rows and more round otherwise than smaller ones (docs/guides/performance.md): here a seed must give the same tokens in any batch.
      backend = await loadEmber({ ...options, kvType: "bf16", parallel: 3, draftTokens: 24 });
    });
    after(() => backend.dispose());

    const run = (guess: Guess | undefined, { text = questions[0]!, params = greedy, sequence = 0, limit = 24 } = {}) =>
      ids(generate(backend, [{ sequence, prompt: chat(backend, text), params, ...(guess && { guess }) }], limit)[0]!);

    test("how many guesses go at once", () => {
      assert.equal(backend.capacity.candidates, what === "one pool, several guesses at once" ? 4 : 1);
    });

    for (const [name, params] of Object.entries(settings)) {
      test(`right, wrong, half right and past the end, the answer is the same: ${name}`, () => {
        for (const text of questions) {
          const plain = run(undefined, { text, params });
          const guesses: readonly Guess[] = [
            (answer) => [next(plain, answer, 5)],
            (answer) => [[...next(plain, answer, 2), 7, 8, 9]],
            () => [[7]],
            () => [[], []],
            (answer) => [[...plain.slice(answer.length), 7, 8]],
          ];
          for (const [index, guess] of guesses.entries()) assert.deepEqual(run(guess, { text, params }), plain, `${text} ${index}`);
        }
      });
    }

    test("right guesses are several tokens a step, all in the cache but the last; nothing follows the end", () => {
      const prompt = chat(backend, questions[0]!);
      const plain = run(undefined);
      const sampler = backend.createSampler(greedy, prompt);
      const first = backend.step([{ sequence: 1, tokens: prompt, position: 0, sampler, drafts: [plain.slice(0, 4)] }]).results[0]!;
      assert.deepEqual([ids(first.tokens), first.drafted], [plain.slice(0, 5), 4]);
      const position = prompt.length + 4;
      const second = backend.step([{ sequence: 1, tokens: [plain[4]!], position, sampler, drafts: [[plain[5]!, 7, 7]] }]).results[0]!;
      assert.deepEqual([ids(second.tokens), second.drafted], [plain.slice(5, 7), 3]);
      const rest = backend.step([{ sequence: 1, tokens: [plain[6]!], position: position + 2, sampler, drafts: [[...plain.slice(7), 7, 7]] }]).results[0]!;
      assert.deepEqual(ids(rest.tokens), plain.slice(7));
      assert.equal(rest.tokens.at(-1)!.isEnd, true);
      sampler.dispose();
      backend.memory.truncate(1, 0);
    });

    test("any guesses, for several answers in one step, leave every answer as it was, and no cell in use", () => {
      const texts = questions.map((text, sequence) => ({ text, sequence, params: sequence === 1 ? creative : greedy }));
      const plain = texts.map((each) => run(undefined, each));
      const token = fc.constantFrom(5, 7, 260, 300);
      /** How many right tokens, then which wrong ones. */
      const draft = fc.tuple(fc.nat(5), fc.array(token, { maxLength: 2 }));
      const drafts = fc.array(draft, { maxLength: backend.capacity.candidates });
      fc.assert(fc.property(fc.array(drafts, { minLength: 1, maxLength: 12 }), (plan) => {
        const streams = texts.map(({ text, sequence, params }) => {
          const guess: Guess = (answer) => (plan[(answer.length + sequence) % plan.length] ?? [])
            .map(([right, wrong]) => [...next(plain[sequence]!, answer, right), ...wrong]);
          return { sequence, prompt: chat(backend, text), params, guess };
        });
        assert.deepEqual(generate(backend, streams, 24).map(ids), plain);
      }), { numRuns: 25, seed: 7 });
      const whole = Array.from({ length: 512 }, (_, index) => 5 + index);
      for (const sequence of [0, 1, 2]) for (const half of [0, 256]) prefill(backend, sequence, whole.slice(half, half + 256), half);
      for (const sequence of [0, 1, 2]) backend.memory.truncate(sequence, 0);
    });
  });
}
