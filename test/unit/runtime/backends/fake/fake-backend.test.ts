import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../../../base/clock.ts";
import { realTime, virtualTime } from "../../../../../runtime/backends/fake/fake-time.ts";
import { loadFake, loadFakeOn } from "../../../../../runtime/backends/fake/index.ts";
import type { FakeBackend } from "../../../../../runtime/backends/fake/fake-backend.ts";
import { parseFakePath } from "../../../../../runtime/backends/fake/options.ts";

const params = { temperature: 0, topP: 1, topK: 0, minP: 0, seed: 1, topLogprobs: null };
const plain = { addSpecial: true, parseSpecial: true };

async function fake(path: string, clock = new VirtualClock()): Promise<FakeBackend> {
  return await loadFakeOn(virtualTime(clock), { path, parallel: 2, batch: 64, context: 100, gpuLayers: 0 });
}

/** Runs sequence 0 alone until the end token or `limit`. */
function answer(backend: FakeBackend, prompt: string, limit = 50): string {
  backend.open(0, params);
  let tokens = backend.tokenize(prompt, plain);
  let position = 0;
  const bytes: Uint8Array[] = [];
  while (bytes.length < limit) {
    const [result] = backend.step([{ sequence: 0, tokens, position, sample: true }]).results;
    if (result!.token.isEnd) break;
    position += tokens.length;
    tokens = [result!.token.id];
    bytes.push(backend.tokenBytes(result!.token.id));
  }
  backend.close(0);
  return Buffer.concat(bytes).toString("utf8");
}

describe("scripts", () => {
  const chat = "<|im_start|>user\nold<|im_end|>\n<|im_start|>assistant\nhm<|im_end|>\n<|im_start|>user\nnew one<|im_end|>\n<|im_start|>assistant\n";

  test("echo answers with the last question, or with the whole prompt", async () => {
    assert.equal(answer(await fake("fake:echo"), chat), "new one");
    assert.equal(answer(await fake("fake:echo"), "just text"), "just text");
  });

  test("reverse, say and count", async () => {
    assert.equal(answer(await fake("fake:reverse"), "añ 😀"), "😀 ña");
    assert.equal(answer(await fake("fake:say?text=hello%20world%26more"), "x"), "hello world&more");
    assert.equal(answer(await fake("fake:count"), "x", 4), "1 2 3 4");
  });
});

describe("vocabularies", () => {
  for (const vocabulary of ["words", "bytes"]) {
    test(`every text comes back out of ${vocabulary}`, async () => {
      const backend = await fake(`fake:echo?vocabulary=${vocabulary}`);
      fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const bytes = backend.tokenize(text, { addSpecial: true, parseSpecial: false }).map((token) => backend.tokenBytes(token));
        assert.equal(Buffer.concat(bytes).toString("utf8"), text);
      }), { numRuns: 50 });
    });
  }

  test("control tokens are one token without text, unless they are to be read as text", async () => {
    const backend = await fake("fake:echo?vocabulary=bytes");
    const [start, letter, end] = backend.tokenize("<|im_start|>a<|im_end|>", plain);
    assert.deepEqual([start, letter, end].map((token) => backend.tokenBytes(token!).length), [0, 1, 0]);
    assert.equal(backend.tokenize("<|im_end|>", { addSpecial: false, parseSpecial: false }).length, 10);
  });
});

describe("time and failures", () => {
  test("a step costs what the options say", async () => {
    const clock = new VirtualClock(5);
    const backend = await fake("fake:count?stepUs=100&tokenUs=10&sampleUs=3", clock);
    backend.open(0, params);
    const { decode, results } = backend.step([{ sequence: 0, tokens: backend.tokenize("one two", plain), position: 0, sample: true }]);
    assert.deepEqual(decode, { startUs: 5, endUs: 125 });
    assert.deepEqual(results[0]?.sample, { startUs: 125, endUs: 128 });
  });

  test("real time really passes", () => {
    const time = realTime();
    const startUs = time.nowUs();
    time.spend(2000);
    // The timer may be early by its own resolution.
    assert.ok(time.nowUs() - startUs >= 1500);
  });

  test("it fails at the step it was told to, and only there", async () => {
    const backend = await fake("fake:count?failAtStep=2");
    const step = (position: number) => backend.step([{ sequence: 0, tokens: [0], position, sample: false }]);
    backend.open(0, params);
    step(0);
    assert.throws(() => step(1), { code: "decode_failed" });
    step(1);
  });

  test("what a real engine would compute nonsense for is an error", async () => {
    const backend = await fake("fake:echo");
    const item = { sequence: 0, tokens: [0], position: 0, sample: false };
    assert.throws(() => backend.step([item]), /sequence 0 is not open/);
    backend.open(0, params);
    assert.throws(() => backend.open(0, params), /open already/);
    assert.throws(() => backend.open(2, params), /out of range/);
    assert.throws(() => backend.step([]), /a batch of 0 tokens/);
    assert.throws(() => backend.step([{ ...item, tokens: Array<number>(65).fill(0) }]), /a batch of 65 tokens, where 1 to 64 fit/);
    assert.throws(() => backend.step([item, item]), /twice/);
    assert.throws(() => backend.step([{ ...item, position: 1 }]), /holds 0 tokens, the next goes to 1/);
    backend.close(0);
    assert.throws(() => backend.close(0), /not open/);
  });
});

describe("the path", () => {
  test("names the script and the options", () => {
    const { script, tokenUs, failAtStep, vocabulary } = parseFakePath("fake:say?tokenUs=1500&failAtStep=3");
    assert.deepEqual({ script, tokenUs, failAtStep, vocabulary }, { script: "say", tokenUs: 1500, failAtStep: 3, vocabulary: "words" });
  });

  test("a wrong one says what is wrong", () => {
    assert.throws(() => parseFakePath("fake:sing"), { code: "model_load_failed", message: /script/ });
    assert.throws(() => parseFakePath("fake:echo?tokenUs=-1"), { code: "model_load_failed", message: /tokenUs/ });
    assert.throws(() => parseFakePath("fake:echo?speed=9"), { code: "model_load_failed", message: /speed/ });
    assert.throws(() => parseFakePath("/models/a.gguf"), { code: "model_load_failed", message: /is not a fake model/ });
  });

  test("loading reports progress and takes the limits", async () => {
    const progress: number[] = [];
    const backend = await loadFake({ path: "fake:echo", parallel: 3, batch: 32, gpuLayers: 0, onProgress: (fraction) => progress.push(fraction) });
    assert.deepEqual(progress, [1]);
    assert.deepEqual(backend.capacity, { sequences: 3, context: 4096, batch: 32 });
  });
});
