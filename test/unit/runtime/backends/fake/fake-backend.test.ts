import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../../../base/clock.ts";
import { greedyParams } from "../../../../../protocol/model.ts";
import { realTime, virtualTime } from "../../../../../runtime/backends/fake/fake-time.ts";
import { loadFake, loadFakeOn } from "../../../../../runtime/backends/fake/index.ts";
import type { FakeBackend } from "../../../../../runtime/backends/fake/fake-backend.ts";
import { parseFakePath } from "../../../../../runtime/backends/fake/options.ts";

const plain = { addSpecial: true, parseSpecial: true };
const load = {
  parallel: 2, batch: 64, context: 100, kvLayout: "auto", kvType: "f16", flashAttention: "auto", gpu: "cpu", gpuLayers: 0,
  draftTokens: 8, candidates: 2, adapters: [], checkMemory: false,
} as const;

async function fake(path: string, clock = new VirtualClock()): Promise<FakeBackend> {
  return await loadFakeOn(virtualTime(clock), { ...load, path });
}

/** Runs sequence 0 alone until the end token or `limit`. */
function answer(backend: FakeBackend, prompt: string, limit = 50): string {
  let tokens = backend.tokenize(prompt, plain);
  const sampler = backend.createSampler(greedyParams, tokens);
  let position = 0;
  const bytes: Uint8Array[] = [];
  while (bytes.length < limit) {
    const token = backend.step([{ sequence: 0, tokens, position, sampler }]).results[0]!.tokens[0]!;
    if (token.isEnd) break;
    position += tokens.length;
    tokens = [token.id];
    bytes.push(backend.tokenBytes(token.id));
  }
  sampler.dispose();
  backend.memory.truncate(0, 0);
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

  test("mix depends on every token before, and a skewed one differs now and then", async () => {
    const first = answer(await fake("fake:mix?vocabulary=bytes&words=1000"), "abc", 20);
    assert.equal(answer(await fake("fake:mix?vocabulary=bytes&words=1000"), "abc", 20), first);
    assert.notEqual(answer(await fake("fake:mix?vocabulary=bytes&words=1000"), "xbc", 20), first);
    assert.notEqual(answer(await fake("fake:mix?vocabulary=bytes&words=1000&skew=50"), "abc", 20), first);
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
    assert.equal(Buffer.from(backend.tokenBytes(end!, true)).toString(), "<|im_end|>");
    assert.equal(backend.tokenize("<|im_end|>", { addSpecial: false, parseSpecial: false }).length, 10);
  });
});

describe("the KV cache", () => {
  test("what is not the prompt's gives another answer", async () => {
    const backend = await fake("fake:echo");
    const tokens = backend.tokenize("one two three", plain);
    const sampler = backend.createSampler(greedyParams, tokens);
    backend.step([{ sequence: 1, tokens: backend.tokenize("one six three", plain), position: 0, sampler: null }]);
    backend.memory.copy(1, 0, 2);
    const wrong = backend.step([{ sequence: 0, tokens: tokens.slice(2), position: 2, sampler }]).results[0]!.tokens[0]!;
    const next = backend.step([{ sequence: 0, tokens: [wrong.id], position: 3, sampler }]).results[0]!.tokens[0]!;
    assert.equal(Buffer.from(backend.tokenBytes(next.id)).toString(), " six");
  });

  test("an answer that is not the script's is shown to be wrong", async () => {
    const backend = await fake("fake:count");
    const sampler = backend.createSampler(greedyParams, [0]);
    backend.tokenize("x y", plain);
    backend.step([{ sequence: 0, tokens: [0], position: 0, sampler }]);
    const token = backend.step([{ sequence: 0, tokens: [1], position: 1, sampler }]).results[0]!.tokens[0]!;
    assert.equal(Buffer.from(backend.tokenBytes(token.id)).toString(), " [wrong]");
  });

  test("shared cells count once, and a step that does not fit changes nothing", async () => {
    const backend = await fake("fake:echo?cells=10");
    const item = { sequence: 0, tokens: [0, 0, 0, 0, 0, 0], position: 0, sampler: null };
    backend.step([item]);
    backend.memory.copy(0, 1, 6);
    assert.equal(backend.memory.used, 6);
    assert.throws(() => backend.step([{ ...item, position: 6, tokens: [0, 0] }, { ...item, sequence: 1, position: 6, tokens: [0, 0, 0] }]), { code: "decode_failed", message: /needs 5 KV cells, and 4 are free/ });
    assert.equal(backend.memory.length(0), 6);
    backend.memory.truncate(0, 0);
    assert.equal(backend.memory.used, 6);
    backend.memory.truncate(1, 0);
    assert.equal(backend.memory.used, 0);
  });

  test("in the layout per_sequence a copy takes cells, and each sequence has its own", async () => {
    const backend = await fake("fake:echo?cells=10&layout=per_sequence");
    backend.step([{ sequence: 0, tokens: [0, 0, 0, 0], position: 0, sampler: null }]);
    backend.memory.copy(0, 1, 4);
    assert.equal(backend.memory.used, 8);
    assert.throws(() => backend.step([{ sequence: 0, tokens: [0, 0], position: 4, sampler: null }]), { code: "decode_failed" });
  });

  test("a saved state goes on as if nothing had been", async () => {
    const backend = await fake("fake:echo?cells=20");
    const tokens = backend.tokenize("one two three", plain);
    const sampler = backend.createSampler(greedyParams, tokens);
    const first = backend.step([{ sequence: 0, tokens, position: 0, sampler }]).results[0]!.tokens[0]!;
    const state = backend.memory.save(0);
    backend.memory.truncate(0, 0);
    backend.memory.restore(1, state);
    const second = backend.step([{ sequence: 1, tokens: [first.id], position: 3, sampler }]).results[0]!.tokens[0]!;
    assert.equal(second.id, tokens[1]);
  });

  test("a shift keeps the answer going, but is no prefix any more; shared cells do not move", async () => {
    const backend = await fake("fake:count");
    let tokens = backend.tokenize("a b c", plain);
    const sampler = backend.createSampler(greedyParams, tokens);
    for (let i = 0; i < 4; i += 1) tokens = [backend.step([{ sequence: 0, tokens, position: backend.memory.length(0), sampler }]).results[0]!.tokens[0]!.id];
    backend.memory.copy(0, 1, 6);
    assert.throws(() => backend.memory.shift(0, 1, 2), /shares cells that would move/);
    backend.memory.truncate(1, 0);
    assert.equal(backend.memory.shift(0, 1, 2), true);
    const next = backend.step([{ sequence: 0, tokens, position: 4, sampler }]).results[0]!.tokens[0]!;
    assert.equal(Buffer.from(backend.tokenBytes(next.id)).toString(), " 5");
    assert.throws(() => backend.memory.copy(0, 1, 2), /only its first 1 tokens/);
    const fixed = await fake("fake:count?shifts=false");
    fixed.step([{ sequence: 0, tokens: [0, 0], position: 0, sampler: null }]);
    assert.equal(fixed.memory.shift(0, 0, 1), false);
  });

  test("a recurrent model's state cannot be cut", async () => {
    const backend = await fake("fake:count?truncates=false");
    backend.step([{ sequence: 0, tokens: [0, 0], position: 0, sampler: null }]);
    assert.throws(() => backend.memory.truncate(0, 1), /cannot be cut back/);
    assert.throws(() => backend.memory.copy(0, 1, 1), /copied whole/);
    backend.memory.truncate(0, 0);
    assert.equal(backend.capacity.candidates, 1);
  });
});

describe("guesses", () => {
  const start = async (path = "fake:say?text=a+b+c+d") => {
    const backend = await fake(path);
    const [a, b, c, d, x] = backend.tokenize("a b c d x", plain) as [number, number, number, number, number];
    const sampler = backend.createSampler(greedyParams, [x]);
    return { backend, a, b, c, d, x, item: { sequence: 0, tokens: [x], position: 0, sampler } };
  };
  const ids = (backend: FakeBackend, item: Parameters<FakeBackend["step"]>[0][number]) => {
    const [result] = backend.step([item]).results;
    return { tokens: result!.tokens.map(({ id }) => id), drafted: result!.drafted, held: backend.memory.length(0) };
  };

  test("right ones are kept, up to the first wrong one", async () => {
    const { backend, a, b, c, d, x, item } = await start();
    assert.deepEqual(ids(backend, { ...item, drafts: [[a, b, x, d]] }), { tokens: [a, b, c], drafted: 4, held: 3 });
    assert.equal(backend.memory.used, 3);
    assert.deepEqual(backend.memory.tokens(0), [x, a, b]);
  });

  test("the candidate that goes on longest wins", async () => {
    const { backend, a, b, c, d, x, item } = await start();
    assert.deepEqual(ids(backend, { ...item, drafts: [[x, x, x], [a, b, c]] }), { tokens: [a, b, c, d], drafted: 3, held: 4 });
  });

  test("none follow the end", async () => {
    const { backend, a, b, c, d, item } = await start();
    const [end] = backend.tokenize("<|im_end|>", plain);
    assert.deepEqual(ids(backend, { ...item, drafts: [[a, b, c, d, end!, a]] }).tokens, [a, b, c, d, end]);
  });

  test("bad ones are refused", async () => {
    const { backend, a, b, item } = await start();
    const refuses = (drafts: number[][], message: RegExp) => assert.throws(() => backend.step([{ ...item, drafts }]), message);
    refuses([[a], [b], [a, b]], /3 candidates, where 2/);
    refuses([[a], [a]], /the same guess twice/);
    refuses([[]], /an empty guess/);
    assert.throws(() => backend.step([{ ...item, sampler: null, drafts: [[a]] }]), /cannot check guesses/);
  });
});

describe("time and failures", () => {
  test("a step costs what the options say", async () => {
    const clock = new VirtualClock(5);
    const backend = await fake("fake:count?stepUs=100&tokenUs=10&sampleUs=3", clock);
    const tokens = backend.tokenize("one two", plain);
    const { decode, results } = backend.step([{ sequence: 0, tokens, position: 0, sampler: backend.createSampler(greedyParams, tokens) }]);
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
    const step = (position: number) => backend.step([{ sequence: 0, tokens: [0], position, sampler: null }]);
    step(0);
    assert.throws(() => step(1), { code: "decode_failed" });
    step(1);
  });

  test("what a real engine would compute nonsense for is an error", async () => {
    const backend = await fake("fake:echo");
    const item = { sequence: 0, tokens: [0], position: 0, sampler: null };
    assert.throws(() => backend.step([{ ...item, sequence: 9 }]), /out of range/);
    assert.throws(() => backend.step([]), /a batch of 0 tokens/);
    assert.throws(() => backend.step([{ ...item, tokens: Array<number>(65).fill(0) }]), /a batch of 65 tokens, where 1 to 64 fit/);
    assert.throws(() => backend.step([item, item]), /twice/);
    assert.throws(() => backend.step([0, 1, 2].map((sequence) => ({ ...item, sequence }))), /3 answers in a step, where 2 fit/);
    assert.throws(() => backend.step([{ ...item, position: 1 }]), /holds 0 tokens, the next goes to 1/);
    assert.throws(() => backend.step([item, { ...item, sequence: 1, adapters: [{ adapter: 0, scale: 1 }] }]), /two sets of adapters/);
    backend.step([item]);
    assert.throws(() => backend.step([{ ...item, position: 1, adapters: [{ adapter: 0, scale: 1 }] }]), /other adapters/);
    assert.throws(() => backend.memory.copy(1, 0, 1), /not empty/);
    const sampler = backend.createSampler(greedyParams, []);
    sampler.dispose();
    assert.throws(() => backend.step([{ ...item, position: 1, sampler }]), /after its disposal/);
    assert.equal(backend.samplers, 0);
  });
});

describe("the path", () => {
  test("names the script and the options", () => {
    const { script, tokenUs, failAtStep, vocabulary, truncates } = parseFakePath("fake:say?tokenUs=1500&failAtStep=3&truncates=false");
    assert.deepEqual({ script, tokenUs, failAtStep, vocabulary, truncates }, { script: "say", tokenUs: 1500, failAtStep: 3, vocabulary: "words", truncates: false });
  });

  test("a wrong one says what is wrong", () => {
    assert.throws(() => parseFakePath("fake:sing"), { code: "model_load_failed", message: /script/ });
    assert.throws(() => parseFakePath("fake:echo?tokenUs=-1"), { code: "model_load_failed", message: /tokenUs/ });
    assert.throws(() => parseFakePath("fake:echo?speed=9"), { code: "model_load_failed", message: /speed/ });
    assert.throws(() => parseFakePath("/models/a.gguf"), { code: "model_load_failed", message: /is not a fake model/ });
  });

  test("loading reports progress and takes the limits", async () => {
    const progress: number[] = [];
    const backend = await loadFake({ ...load, path: "fake:echo", parallel: 3, batch: 32, context: undefined, onProgress: (fraction) => progress.push(fraction) });
    assert.deepEqual(progress, [1]);
    assert.deepEqual(backend.capacity, {
      sequences: 6, context: 4096, batch: 32, parallel: 3, cells: 3 * 4096, layout: "unified", truncates: true, candidates: 2,
    });
  });
});
