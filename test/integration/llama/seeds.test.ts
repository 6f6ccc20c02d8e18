import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../base/clock.ts";
import { packageRoot } from "../../../base/package-root.ts";
import { neutralParams, type GenerationParams } from "../../../protocol/model.ts";
import type { Backend, SampledToken } from "../../../runtime/backends/backend.ts";
import { loadLlama } from "../../../runtime/backends/llama/index.ts";

const sequences = 6;
let backend: Backend;
before(async () => {
  const load = loadLlama({ clock: new VirtualClock(), home: join(tmpdir(), "inferno-no-such-home") });
  backend = await load({
    path: join(packageRoot(import.meta.dirname), "runtime/models/ember/ember-q8_0.gguf"), context: 512, parallel: sequences, kvLayout: "unified", kvType: "f16",
    flashAttention: "auto", batch: 512, threads: 1, gpu: "cpu", gpuLayers: 0, draftTokens: 0, candidates: 1, adapters: [], checkMemory: false,
  });
});
after(() => backend.dispose());

interface Ask {
  readonly prompt: string;
  readonly params: GenerationParams;
  /** The step in which it joins the others. */
  readonly joins: number;
}

/** Runs all of them, each on its own sequence, one batch a step. */
function run(asks: readonly Ask[], limit = 16): SampledToken[][] {
  const running = asks.map(({ prompt, params, joins }, sequence) => {
    const tokens = backend.tokenize(`<|im_start|>user\n${prompt}<|im_end|>\n<|im_start|>assistant\n`, { addSpecial: true, parseSpecial: true });
    backend.memory.truncate(sequence, 0);
    return { sequence, joins, sampler: backend.createSampler(params, tokens), next: tokens, position: 0, answer: [] as SampledToken[] };
  });
  const unfinished = () => running.filter(({ answer }) => answer.length < limit && !answer.at(-1)?.isEnd);
  for (let step = 0; unfinished().length > 0; step += 1) {
    const active = unfinished().filter(({ joins }) => joins <= step);
    if (active.length === 0) continue;
    const { results } = backend.step(active.map(({ sequence, next, position, sampler }) => ({ sequence, tokens: next, position, sampler })));
    for (const [index, one] of active.entries()) {
      const tokens = results[index]?.tokens ?? [];
      assert.equal(tokens.length, 1);
      one.position += one.next.length;
      one.answer.push(...tokens);
      one.next = tokens.map(({ id }) => id);
    }
  }
  for (const { sampler } of running) sampler.dispose();
  return running.map(({ answer }) => answer);
}

describe("the same seed", () => {
  const params = fc.record({
    temperature: fc.constantFrom(0, 0.7, 1.5), topK: fc.constantFrom(0, 40), minP: fc.constantFrom(0, 0.05), mirostat: fc.constantFrom(0 as const, 2 as const),
    xtcProbability: fc.constantFrom(0, 0.5), dryMultiplier: fc.constantFrom(0, 1), repeatPenalty: fc.constantFrom(1, 1.2), seed: fc.nat(),
    topLogprobs: fc.constantFrom(null, 2), logprobs: fc.constantFrom("before" as const, "after" as const),
    grammar: fc.constantFrom(null, { gbnf: "root ::= [A-Z] [a-z ]*", root: "root", lazy: null }),
  });
  const ask: fc.Arbitrary<Ask> = fc.record({
    prompt: fc.constantFrom("What is 17 + 25?", "Tell me a story about a fox.", "Are you a human?", "Write hello in JSON."),
    params: params.map((each) => ({ ...neutralParams, ...each })), joins: fc.nat(6),
  });

  it("gives the same tokens and probabilities alone, again, and beside others that come and go", () => {
    fc.assert(fc.property(fc.array(ask, { minLength: 1, maxLength: sequences }), (asks) => {
      const together = run(asks);
      assert.deepEqual(run(asks), together);
      for (const [index, each] of asks.entries()) assert.deepEqual(run([{ ...each, joins: 0 }])[0], together[index]);
    }), { numRuns: 15, seed: 42 });
  });
});
