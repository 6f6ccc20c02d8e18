import assert from "node:assert/strict";
import { after, test } from "node:test";
import { greedyParams, neutralParams, type GenerationParams } from "../../../protocol/model.ts";
import type { SampledToken } from "../../../runtime/backends/backend.ts";
import { openRig } from "./sampling-rig.ts";

const rig = openRig();
after(() => rig.dispose());

const prompts = ["Once upon a time", "function add(a, b) {\n  return", "The capital of France is", "1 2 3 4 5 6 7"];

/** In double precision over the same logits. */
function distribution(logits: Float32Array) {
  const largest = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const normalizer = largest + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  const entropy = logits.reduce((sum, value) => sum - Math.exp(value - normalizer) * (value - normalizer), 0);
  const best = Array.from(logits.keys()).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  return { logprob: (id: number) => (logits[id] ?? 0) - normalizer, entropy, best };
}

function draw(params: GenerationParams, count: number, records: boolean): SampledToken[] {
  const sampler = rig.samplers.create(params, [], records);
  try {
    return Array.from({ length: count }, () => sampler.sample(rig.row));
  } finally {
    sampler.dispose();
  }
}

const seeded: GenerationParams = { ...neutralParams, temperature: 0.9, topK: 40, topP: 0.95, seed: 11 };
const letters = { gbnf: 'root ::= [a-z]+ | "42"', root: "root", lazy: null };

test("probability, entropy and candidates of a real model are those of a computation in double precision, before any sampler", () => {
  for (const prompt of prompts) {
    rig.decode(prompt);
    const { logprob, entropy, best } = distribution(rig.logits());
    for (const params of [greedyParams, seeded, { ...seeded, grammar: letters }, { ...seeded, logitBias: [{ token: best[0] ?? 0, bias: -5 }] }]) {
      for (const { id, facts } of draw(params, 8, true)) {
        assert.ok(facts);
        assert.ok(Math.abs(facts.logprob - logprob(id)) < 1e-5, `${facts.logprob}, not ${logprob(id)}`);
        assert.ok(Math.abs(facts.entropy - entropy) < 1e-4, `${facts.entropy}, not ${entropy}`);
        assert.deepEqual(facts.top.map((each) => each.id), best.slice(0, 5));
        for (const each of facts.top) assert.ok(Math.abs(each.logprob - logprob(each.id)) < 1e-5);
      }
    }
  }
});

test("what decided is named", () => {
  rig.decode("The capital of France is");
  const chosenBy = (more: Partial<GenerationParams>) => draw({ ...neutralParams, seed: 3, ...more }, 1, true)[0]?.facts?.chosenBy;
  assert.equal(chosenBy({ temperature: 0 }), "greedy");
  assert.equal(chosenBy({}), "draw");
  assert.equal(chosenBy({ topK: 1 }), "only");
  assert.equal(chosenBy({ mirostat: 1 }), "mirostat");
  assert.equal(chosenBy({ mirostat: 2 }), "mirostat");
  assert.equal(chosenBy({ adaptiveTarget: 0.5, samplers: [...neutralParams.samplers, "adaptive_p"] }), "adaptive_p");
  assert.equal(chosenBy({ temperature: 0, grammar: { ...letters, gbnf: 'root ::= "\u{1F525}"' } }), "grammar");
  assert.equal(chosenBy({ grammar: { ...letters, gbnf: 'root ::= "\u{1F525}"' } }), "grammar");
  assert.equal(chosenBy({ temperature: 0, grammar: { ...letters, gbnf: "root ::= [^\\n]+" } }), "greedy");
});

test("recording changes no answer, greedy, seeded or with a grammar, and comes beside logprobs that were asked for", () => {
  const ids = (params: GenerationParams, records: boolean) => draw(params, 40, records).map(({ id }) => id);
  for (const prompt of prompts) {
    rig.decode(prompt);
    for (const params of [greedyParams, seeded, { ...seeded, mirostat: 2 as const }, { ...seeded, grammar: letters }, { ...seeded, topLogprobs: 3 }]) {
      assert.deepEqual(ids(params, true), ids(params, false));
    }
  }
  const [without] = draw({ ...greedyParams, topLogprobs: 7 }, 1, false);
  const [beside] = draw({ ...greedyParams, topLogprobs: 7 }, 1, true);
  assert.equal(without?.facts, undefined);
  assert.deepEqual([beside?.logprob, beside?.top], [without?.logprob, without?.top]);
  assert.deepEqual([beside?.top?.length, beside?.facts?.top.length], [7, 5]);
});
