import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../../base/clock.ts";
import { greedyParams } from "../../../../protocol/model.ts";
import { loadFakeOn } from "../../../../runtime/backends/fake/index.ts";
import type { Backend } from "../../../../runtime/backends/backend.ts";
import type { FakeBackend } from "../../../../runtime/backends/fake/fake-backend.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { DraftModel } from "../../../../runtime/speculation/draft-model.ts";
import { assertSameVocabulary } from "../../../../runtime/speculation/same-vocabulary.ts";

const load = {
  parallel: 3, batch: 64, context: 400, kvLayout: "auto", kvType: "f16", flashAttention: "auto", gpu: "cpu", gpuLayers: 0,
  draftTokens: 0, candidates: 1, adapters: [], checkMemory: false,
} as const;
const fake = (query = "", limits = {}): Promise<FakeBackend> =>
  loadFakeOn(virtualTime(new VirtualClock()), { ...load, ...limits, path: `fake:mix?vocabulary=bytes&words=1000${query}` });

/** What the large model says by itself. */
function truth(target: FakeBackend, prompt: readonly number[], count: number): number[] {
  const answer: number[] = [];
  const sampler = target.createSampler(greedyParams, []);
  let tokens = prompt;
  while (answer.length < count) {
    const token = target.step([{ sequence: 0, tokens, position: target.memory.length(0), sampler }]).results[0]!.tokens[0]!;
    answer.push(token.id);
    tokens = [token.id];
  }
  target.memory.truncate(0, 0);
  return answer;
}

describe("a draft model", () => {
  test("guesses what it would say itself, for all that ask at once", async () => {
    const [target, draft] = [await fake(), await fake("&stepUs=10")];
    const model = new DraftModel(draft, 256);
    const prompts = [[1, 2, 3], [4, 5], [6, 7, 8, 9]];
    const { drafts, us } = model.propose(prompts.map((tokens, id) => ({ id, tokens, most: 4 })));
    assert.deepEqual(drafts, prompts.map((prompt) => [truth(target, prompt, 4)]));
    // Four steps for three answers: one per guess.
    assert.deepEqual([draft.steps.length, us], [4, 40]);
  });

  test("follows an answer without computing anything twice", async () => {
    const draft = await fake();
    const model = new DraftModel(draft, 256);
    const [first] = model.propose([{ id: 1, tokens: [1, 2, 3], most: 3 }]).drafts[0]!;
    draft.steps.length = 0;
    // All right, and one more token.
    model.propose([{ id: 1, tokens: [1, 2, 3, ...first!, 9], most: 1 }]);
    assert.deepEqual(draft.steps, [2]);
    draft.steps.length = 0;
    // The first was wrong.
    model.propose([{ id: 1, tokens: [1, 2, 3, 99], most: 1 }]);
    assert.deepEqual(draft.steps, [1]);
  });

  test("whatever becomes of its guesses, it is never wrong about the text", async () => {
    const round = fc.record({ id: fc.nat(4), keep: fc.nat(4), add: fc.array(fc.nat(255), { minLength: 1, maxLength: 3 }), most: fc.nat(5), forget: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(round, { maxLength: 20 }), async (rounds) => {
      const [target, draft] = [await fake(), await fake()];
      const model = new DraftModel(draft, 256);
      const texts = new Map<number, number[]>();
      for (const { id, keep, add, most, forget } of rounds) {
        const tokens = texts.get(id) ?? [id];
        const [guess = []] = model.propose([{ id, tokens, most }]).drafts[0]!;
        assert.deepEqual(guess, truth(target, tokens, guess.length));
        texts.set(id, [...tokens, ...guess.slice(0, keep), ...add]);
        if (forget) model.forget(id);
      }
      for (const id of texts.keys()) model.forget(id);
      assert.equal(draft.memory.used, 0);
      model.dispose();
      assert.equal(draft.samplers, 0);
    }), { numRuns: 60 });
  });

  test("a long prompt is caught up with over several steps, and guesses begin when it is", async () => {
    const draft = await fake("", { context: 4000, batch: 64 });
    const model = new DraftModel(draft, 256);
    const tokens = Array.from({ length: 1000 }, (_, i) => i % 7);
    assert.deepEqual(model.propose([{ id: 1, tokens, most: 2 }]).drafts, [[]]);
    assert.equal(draft.memory.used, 512);
    assert.equal(model.propose([{ id: 1, tokens, most: 2 }]).drafts[0]![0]!.length, 2);
  });

  test("stops at its context, at the end of the answer and above the vocabulary", async () => {
    const small = new DraftModel(await fake("", { context: 5 }), 256);
    assert.equal(small.propose([{ id: 1, tokens: [1, 2, 3], most: 9 }]).drafts[0]![0]!.length, 3);
    const narrow = new DraftModel(await fake(), 97);
    assert.deepEqual(narrow.propose([{ id: 1, tokens: [1, 2, 3], most: 9 }]).drafts, [[]]);
    // One word only: every second token is the end.
    const ending = new DraftModel(await loadFakeOn(virtualTime(new VirtualClock()), { ...load, path: "fake:mix?vocabulary=bytes&words=1" }), 256);
    assert.ok(ending.propose([{ id: 1, tokens: [1, 2, 3], most: 30 }]).drafts.flat(2).length < 30);
  });

  test("that fails costs the guesses, not the answers", async () => {
    const draft = await fake("&failAtStep=2");
    const model = new DraftModel(draft, 256);
    assert.deepEqual(model.propose([{ id: 1, tokens: [1, 2], most: 3 }]).drafts, [[]]);
    assert.equal(draft.memory.used, 0);
    assert.equal(model.propose([{ id: 1, tokens: [1, 2], most: 3 }]).drafts[0]![0]!.length, 3);
  });

  test("that always fails is given up, and that is said once", async () => {
    const draft = await fake();
    let steps = 0;
    draft.step = () => {
      steps += 1;
      throw new Error("no memory");
    };
    const said: string[] = [];
    const model = new DraftModel(draft, 256, (message) => said.push(message));
    for (let i = 0; i < 9; i += 1) assert.deepEqual(model.propose([{ id: 1, tokens: [1, 2], most: 3 }]).drafts, [[]]);
    assert.equal(steps, 3);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /3 times in a row.*no memory/);
    assert.equal(model.outlook({ id: 1, tokens: [1, 2], most: 3 }).tokens, 0);
  });
});

describe("its vocabulary", () => {
  test("may be the same, or padded", async () => {
    const large = await fake();
    assertSameVocabulary(large, await fake());
    const padded = { ...(await fake()).model, vocabulary: 256 + 128 };
    assertSameVocabulary(large, like(large, { model: { value: padded } }));
  });

  test("must not be another", async () => {
    const large = await fake();
    const refuses = (properties: PropertyDescriptorMap, message: RegExp) =>
      assert.throws(() => assertSameVocabulary(large, like(large, properties)), { code: "model_load_failed", param: "speculation.draft", message });
    refuses({ model: { value: { ...large.model, vocabulary: 1000 } } }, /1000 tokens instead of 256/);
    refuses({ tokenBytes: { value: (token: number) => Uint8Array.of(255 - token) } }, /token 0 is "ÿ" instead of "\\u0000"/);
    refuses({ tokenize: { value: () => [7] } }, /<\|im_end\|> is token 7 instead of 1000001/);
    const begins = (text: string) => (text === "a" ? [1, 97] : large.tokenize(text, { addSpecial: false, parseSpecial: true }));
    refuses({ tokenize: { value: begins } }, /begin with another token/);
  });
});

/** The same engine with some answers of its own. */
function like(backend: FakeBackend, properties: PropertyDescriptorMap): Backend {
  const plain = {
    model: { value: backend.model },
    tokenize: { value: backend.tokenize.bind(backend) },
    tokenBytes: { value: backend.tokenBytes.bind(backend) },
  };
  return Object.create(backend, { ...plain, ...properties }) as Backend;
}
