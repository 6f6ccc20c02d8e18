import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { KvType } from "../../../protocol/config.ts";
import type { Backend, SampledToken } from "../../../runtime/backends/backend.ts";
import { chat, generate, greedy, ids, loadEmber, prefill, textOf } from "./ember.ts";

/** Bit-identical logits show in the probabilities of the twenty likeliest tokens. */
const precise = { ...greedy, topLogprobs: 20 };

for (const kvLayout of ["unified", "per_sequence"] as const) {
  suite(`the KV cache, ${kvLayout}`, () => {
    let backend: Backend;
    let prompt: number[];
    let other: number[];
    let plain: SampledToken[];
    before(async () => {
      backend = await loadEmber({ kvLayout, parallel: 6, context: 256 });
      prompt = chat(backend, "What is the French word for cat?");
      other = chat(backend, "Tell me a story about a fox and a crow.");
      plain = generate(backend, [{ sequence: 0, prompt, params: precise }])[0]!;
    });
    after(() => backend.dispose());

    const goOn = (sequence: number, held: number) => generate(backend, [{ sequence, prompt, params: precise, held }])[0];

    test("its capacity is what it says", () => {
      const { layout, sequences, cells, candidates, parallel } = backend.capacity;
      const expected = { layout: kvLayout, sequences: kvLayout === "unified" ? 28 : 6, cells: 6 * 256, candidates: 1, parallel: 6 };
      assert.deepEqual({ layout, sequences, cells, candidates, parallel }, expected);
    });

    test("a copy of any length goes on like the original, which is unharmed", () => {
      for (const length of [1, 7, prompt.length - 1]) {
        prefill(backend, 0, prompt.slice(0, -1));
        backend.memory.copy(0, 3, length);
        assert.deepEqual(goOn(3, length), plain, `${length} tokens`);
        assert.deepEqual(goOn(0, prompt.length - 1), plain);
      }
    });

    test("copies of copies outlive the original", () => {
      prefill(backend, 0, prompt.slice(0, -1));
      backend.memory.copy(0, 1, 8);
      backend.memory.copy(1, 2, 6);
      backend.memory.truncate(0, 0);
      prefill(backend, 0, other);
      backend.memory.truncate(1, 0);
      assert.deepEqual(goOn(2, 6), plain);
      backend.memory.truncate(0, 0);
    });

    test("what was cut off leaves no trace", () => {
      prefill(backend, 1, [...prompt.slice(0, 6), ...other]);
      backend.memory.truncate(1, 6);
      assert.deepEqual(goOn(1, 6), plain);
    });

    test("saved and restored, in other cells and another sequence, beside others", () => {
      prefill(backend, 0, other);
      prefill(backend, 1, prompt.slice(0, -1));
      const state = backend.memory.save(1);
      backend.memory.truncate(1, 0);
      // Takes some of the cells that were just given back, and leaves others between.
      prefill(backend, 2, other.slice(0, 5));
      backend.memory.truncate(0, 0);
      prefill(backend, 4, prompt.slice(0, 3));
      backend.memory.restore(5, state);
      assert.deepEqual(goOn(5, prompt.length - 1), plain);
      backend.memory.restore(1, state);
      assert.deepEqual(goOn(1, prompt.length - 1), plain);
      for (const sequence of [2, 4]) backend.memory.truncate(sequence, 0);
    });

    test("a state that is none is refused and leaves the sequence empty", () => {
      prefill(backend, 0, prompt.slice(0, -1));
      const state = backend.memory.save(0);
      backend.memory.truncate(0, 0);
      for (const broken of [new Uint8Array(), new Uint8Array(64), state.subarray(0, state.length - 100), state.subarray(0, 9)]) {
        const refused = { code: "decode_failed", message: /could not put a sequence's state/ };
        assert.throws(() => backend.memory.restore(0, broken), refused, `${broken.length} bytes`);
        assert.deepEqual(goOn(0, 0), plain);
      }
    });

    test("a shift drops tokens in the middle, and positions move down", () => {
      prefill(backend, 0, [...prompt.slice(0, 6), ...other]);
      assert.equal(backend.memory.shift(0, 6, other.length), true);
      assert.deepEqual(goOn(0, 6), plain, "all behind it dropped is a plain cut");
      prefill(backend, 0, prompt.slice(0, -1));
      assert.equal(backend.memory.shift(0, 1, 4), true);
      const answer = generate(backend, [{ sequence: 0, prompt: [...prompt.slice(0, 1), ...prompt.slice(5)], params: precise, held: prompt.length - 5 }])[0]!;
      assert.ok(answer.length > 0 && answer.every(({ logprob }) => Number.isFinite(logprob)));
      assert.deepEqual(goOn(0, 0), plain, "and leaves no trace either");
    });

    test("every cell comes back, whatever was done with it", () => {
      const full = Array.from({ length: 256 }, (_, index) => 5 + index);
      for (let sequence = 0; sequence < 6; sequence += 1) prefill(backend, sequence, full);
      for (let sequence = 0; sequence < 6; sequence += 1) backend.memory.truncate(sequence, 0);
      assert.deepEqual(goOn(0, 0), plain);
    });
  });

  // Rows of 64 and more are attended to in tiles that round otherwise, where the cache is f16 or f32: the tokens are the same, the last bits not.
  for (const [kvType, params] of [["f16", greedy], ["q8_0", precise]] as const) {
    test(`32 at once answer as each alone, and in any number, ${kvLayout}, ${kvType}`, async () => {
      const backend = await loadEmber({ kvLayout, kvType, parallel: 32, context: 128, batch: 1024 });
      const streams = Array.from({ length: 32 }, (_, sequence) => ({ sequence, prompt: chat(backend, `What is ${sequence} + 9?`), params }));
      const alone = streams.map((stream) => generate(backend, [stream], 6)[0]);
      for (const width of [2, 3, 5, 8, 17, 32]) assert.deepEqual(generate(backend, streams.slice(0, width), 6), alone.slice(0, width), `${width} at once`);
      backend.dispose();
    });
  }
}

test("`auto` shares one pool where cells are fewer or answers few, else each sequence has its own", async () => {
  const layoutOf = async (parallel: number, kvCells?: number) => {
    const backend = await loadEmber({ parallel, context: 64, kvCells });
    backend.dispose();
    return [backend.capacity.layout, backend.capacity.cells];
  };
  assert.deepEqual(await layoutOf(4), ["unified", 256]);
  assert.deepEqual(await layoutOf(8), ["per_sequence", 512]);
  assert.deepEqual(await layoutOf(8, 256), ["unified", 256]);
  await assert.rejects(loadEmber({ parallel: 8, context: 64, kvCells: 256, kvLayout: "per_sequence" }), { code: "model_load_failed", param: "kv_cells" });
});

suite("formats of the KV cache", () => {
  const types: readonly KvType[] = ["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"];
  for (const kvType of types) {
    test(kvType, async () => {
      const backend = await loadEmber({ kvType });
      const [answer] = generate(backend, [{ sequence: 0, prompt: chat(backend, "What is 17 + 25?"), params: greedy }]);
      // Four bits are too few for the sum.
      if (kvType.startsWith("q4") || kvType.startsWith("q5")) assert.ok(ids(answer!).length > 0);
      else assert.equal(textOf(backend, answer!), "17 + 25 = 42");
      backend.dispose();
    });
  }

  test("quantized ones need flash attention", async () => {
    await assert.rejects(loadEmber({ kvType: "q8_0", flashAttention: "off" }), { code: "model_load_failed", param: "kv_type" });
  });

  test("without flash attention the answer is the same", async () => {
    const backend = await loadEmber({ flashAttention: "off" });
    assert.equal(textOf(backend, generate(backend, [{ sequence: 0, prompt: chat(backend, "What is 17 + 25?"), params: greedy }])[0]!), "17 + 25 = 42");
    backend.dispose();
  });
});
