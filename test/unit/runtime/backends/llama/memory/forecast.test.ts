import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { InfernoError } from "../../../../../../protocol/errors.ts";
import type { LoadOptions } from "../../../../../../runtime/backends/backend.ts";
import { deviceNeeds, extrapolate, shortOf, totalOf } from "../../../../../../runtime/backends/llama/memory/device-need.ts";
import { forecast } from "../../../../../../runtime/backends/llama/memory/forecast.ts";
import { largestThatFits } from "../../../../../../runtime/backends/llama/memory/largest.ts";
import { doesNotFit } from "../../../../../../runtime/backends/memory-refusal.ts";
import { placeTensors } from "../../../../../../runtime/backends/llama/memory/tensor-bytes.ts";

const options: LoadOptions = {
  path: "/m.gguf", parallel: 4, kvLayout: "auto", kvType: "f16", flashAttention: "auto", batch: 512, gpu: "cpu", gpuLayers: 0,
  draftTokens: 0, candidates: 1, adapters: [], checkMemory: true,
};

/** A model of 1,000 bytes whose cells take 2 bytes each in f16, and no number format below q8_0. */
function predict({ context = 0, parallel, kvCells = context * parallel, kvType }: LoadOptions) {
  if (kvType === "q4_0") throw new InfernoError("model_load_failed", "heads of 24");
  const kv = kvCells * (kvType === "q8_0" ? 1 : 2);
  return [{ name: "m.gguf", needs: [{ device: "CPU", weights: 1000, kv, compute: 100, total: 1100 + kv }] }];
}

const ask = (context: number, free: number, changes: Partial<LoadOptions> = {}) =>
  forecast({ options: { ...options, ...changes }, context, predict, free: new Map([["CPU", free]]) });

describe("a memory forecast", () => {
  it("of what fits offers nothing else", () => {
    const { fits, largestContext, smallerParallel, smallerKvType, devices } = ask(1024, 9292);
    assert.deepEqual({ fits, largestContext, smallerParallel, smallerKvType }, { fits: true, largestContext: null, smallerParallel: null, smallerKvType: null });
    assert.deepEqual(devices, [{ name: "CPU", weights: 1000, kv: 8192, compute: 100, total: 9292, free: 9292 }]);
  });

  it("of what does not fit names each single change that would help", () => {
    const { fits, largestContext, smallerParallel, smallerKvType } = ask(1024, 9291);
    assert.deepEqual({ fits, largestContext, smallerParallel, smallerKvType }, { fits: false, largestContext: 768, smallerParallel: 3, smallerKvType: "q8_0" });
  });

  it("offers no KV type that flash attention would have to be on for, and no format that the model cannot have", () => {
    assert.equal(ask(1024, 9291, { flashAttention: "off" }).smallerKvType, null);
    assert.equal(ask(1024, 9291, { kvType: "q8_0" }).smallerKvType, null);
    assert.equal(ask(4096, 9291).smallerKvType, null);
  });

  it("names no context where the weights alone are too much", () => {
    const { fits, largestContext, smallerParallel } = ask(1024, 999);
    assert.deepEqual({ fits, largestContext, smallerParallel }, { fits: false, largestContext: null, smallerParallel: null });
  });

  it("finds a context that fits, and no larger one does", () =>
    fc.assert(fc.property(fc.integer({ min: 256, max: 100_000 }), fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 1, max: 64 }), (context, free, parallel) => {
      const answer = ask(context, free, { parallel });
      const needs = (tokens: number) => predict({ ...options, context: tokens, parallel })[0]!.needs[0]!.total;
      assert.equal(answer.fits, needs(context) <= free);
      if (answer.fits) return;
      if (answer.largestContext !== null) assert.ok(needs(answer.largestContext) <= free);
      const next = (answer.largestContext ?? 0) + 256;
      assert.ok(next >= context || needs(next) > free);
    })));

  it("names the cells that fit where their number was configured", () => {
    const { largestKvCells, largestContext } = ask(1024, 9291, { kvCells: 1_000_000 });
    assert.equal(largestKvCells, 3840);
    // Its cells come down with the context.
    assert.equal(largestContext, 768);
    assert.match(doesNotFit("/m.gguf", ask(1024, 9291, { kvCells: 1_000_000 })).hint, /^Set `kv_cells` to 3840 or less, or set `context`/);
  });

  it("searches in few steps", () => {
    let asked = 0;
    assert.equal(largestThatFits(16_777_216, 256, (value) => (asked += 1, value <= 777_777)), 777_728);
    assert.ok(asked <= 17, `${asked} predictions`);
  });
});

describe("the refusal", () => {
  it("has the figures, what is free, and the ways out", () => {
    const error = doesNotFit("/m.gguf", ask(1024, 9291));
    assert.equal(error.code, "model_does_not_fit");
    assert.equal(error.param, "context");
    assert.equal(error.message, "/m.gguf needs 9.29 kB of memory: weights 1.00 kB, KV cache 8.19 kB (4096 cells of f16, for 4 × 1024 tokens), compute buffers 100 B; "
      + "9.29 kB are free now. The largest context that fits is 768.");
    assert.match(error.hint, /^Set `context` to 768 or less, or keep 1024 with `parallel: 3`, or keep 1024 with `kv_type: q8_0`; or free memory\./);
    assert.match(doesNotFit("/m.gguf", ask(1024, 10)).message, /No smaller context fits\.$/);
    assert.match(doesNotFit("/m.gguf", ask(1024, 10)).hint, /^Take a smaller model/);
  });
});

describe("needs by device", () => {
  const needs = deviceNeeds(new Map([["CPU", 10], ["CUDA0", 50]]), new Map([["CUDA0", 20]]), new Map([["CPU", 1], ["CUDA0", 5]]));

  it("are added up per device, and all together", () => {
    assert.deepEqual(needs, [{ device: "CPU", weights: 10, kv: 0, compute: 1, total: 11 }, { device: "CUDA0", weights: 50, kv: 20, compute: 5, total: 75 }]);
    assert.deepEqual(totalOf(needs), { weights: 60, kv: 20, compute: 6, total: 86 });
  });

  it("are short where one device has too little; an unknown device is not", () => {
    assert.equal(shortOf(needs, new Map([["CPU", 11], ["CUDA0", 75]])), undefined);
    assert.equal(shortOf(needs, new Map([["CPU", 11], ["CUDA0", 74]]))?.device, "CUDA0");
    assert.equal(shortOf(needs, new Map([["CPU", 11]])), undefined);
  });

  it("follow the line through two predictions", () => {
    const at = (kv: number, compute: number) => [{ device: "CPU", weights: 7, kv, compute, total: 7 + kv + compute }];
    assert.deepEqual(extrapolate({ cells: 100, needs: at(200, 30) }, { cells: 200, needs: at(400, 35) }, 1000), [{ device: "CPU", weights: 7, kv: 2000, compute: 75, total: 2082 }]);
  });
});

describe("tensors by device", () => {
  const tensors = new Map([["token_embd.weight", 100], ["blk.0.attn_q.weight", 10], ["blk.1.attn_q.weight", 20], ["output_norm.weight", 1]]);

  it("follow their layers; an embedding table that is also the output matrix is there twice", () => {
    assert.deepEqual([...placeTensors(tensors, ["CPU", "CUDA0", "CUDA0"])], [["CPU", 110], ["CUDA0", 121]]);
    assert.deepEqual([...placeTensors(new Map([...tensors, ["output.weight", 90]]), ["CPU", "CUDA0", "CUDA0"])], [["CPU", 110], ["CUDA0", 111]]);
    assert.deepEqual([...placeTensors(tensors, ["CPU", "CPU", "CPU"])], [["CPU", 131]]);
  });
});
