import assert from "node:assert/strict";
import { test } from "node:test";
import type { KvType } from "../../../protocol/config.ts";
import { chat, generate, greedy, loadEmber, prefill, type Stream } from "./ember.ts";

/** The probabilities of the twenty likeliest tokens show every bit of the logits that matters. */
const precise = { ...greedy, ignoreEnd: true, topLogprobs: 20 };

for (const kvLayout of ["unified", "per_sequence"] as const) {
  for (const kvType of ["f16", "bf16", "q8_0", "q4_0"] satisfies KvType[]) {
    test(`an answer that is swapped out and in at every token is the same to the last bit, wherever its cells land: ${kvLayout}, ${kvType}`, async () => {
      const backend = await loadEmber({ kvLayout, kvType, parallel: 6, context: 128, batch: 63 });
      const { memory } = backend;
      const prompt = chat(backend, "Tell me a story about a fox and a crow.");
      const stream: Stream = { sequence: 0, prompt, params: precise };
      const plain = generate(backend, [stream], 24)[0]!;

      let state: Uint8Array | null = null;
      const seen = [];
      const sampler = backend.createSampler(precise, prompt);
      let next: readonly number[] = prompt;
      for (let position = 0, turn = 0; seen.length < plain.length; turn += 1) {
        const sequence = (turn * 5) % 6;
        // Others come and go in the cells that it leaves, and cut holes of several sizes.
        const other = (sequence + 1 + (turn % 4)) % 6;
        memory.truncate(other, 0);
        prefill(backend, other, prompt.slice(0, 3 + ((turn * 7) % 20)));
        memory.truncate(sequence, 0);
        if (state !== null) memory.restore(sequence, state);
        const [result] = backend.step([{ sequence, tokens: next, position, sampler }]).results;
        position += next.length;
        seen.push(...result!.tokens);
        next = result!.tokens.map(({ id }) => id);
        state = memory.save(sequence);
        memory.truncate(sequence, 0);
      }
      assert.deepEqual(seen, plain);
      sampler.dispose();
      backend.dispose();
    });
  }
}
