import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Backend } from "../../../runtime/backends/backend.ts";
import { chat, creative, emberPath, generate, greedy, ids, loadEmber, prefill, textOf } from "./ember.ts";

suite("Ember through libllama", () => {
  let backend: Backend;
  const fractions: number[] = [];
  before(async () => {
    backend = await loadEmber({ onProgress: (fraction) => fractions.push(fraction) });
  });
  after(() => backend.dispose());

  const answer = (text: string, params = greedy, sequence = 0) =>
    generate(backend, [{ sequence, prompt: chat(backend, text), params }])[0]!;

  test("the model says what it is", () => {
    const { chatTemplate, device, fingerprint, ...rest } = backend.model;
    assert.deepEqual([device.kind, device.layers], ["cpu", 0]);
    assert.deepEqual(rest, {
      engine: "llama",
      architecture: "qwen3",
      name: "Ember",
      parameters: 2_624_000,
      sizeBytes: 2_795_520,
      quantization: "Q8_0",
      trainedContext: 2048,
      vocabulary: 1536,
      bosToken: "<|endoftext|>",
      eosToken: "<|im_end|>",
      library: "llama.cpp v0.5.0",
    });
    assert.match(fingerprint ?? "", /^[0-9a-f]{64}$/);
    assert.match(chatTemplate ?? "", /<\|im_start\|>/);
    assert.deepEqual(backend.capacity, {
      sequences: 24, context: 512, batch: 256, parallel: 4, cells: 2048, layout: "unified", truncates: true, candidates: 1,
    });
    assert.equal(fractions[0], 0);
    assert.equal(fractions.at(-1), 1);
  });

  test("What is 17 + 25?", () => {
    const tokens = answer("What is 17 + 25?");
    assert.equal(textOf(backend, tokens), "17 + 25 = 42");
    assert.equal(tokens.at(-1)?.isEnd, true);
  });

  test("text survives tokens, also characters of several bytes, control characters and special tokens as plain text", () => {
    for (const text of ["Hello, world!", "grüße 你好 🔥\u{1F9EF}", "tab\tnul\0end", "<|im_end|>", ""]) {
      const tokens = backend.tokenize(text, { addSpecial: false, parseSpecial: false });
      assert.equal(Buffer.concat(tokens.map((token) => backend.tokenBytes(token))).toString("utf8"), text);
    }
    const [special, ...others] = backend.tokenize("<|im_end|>", { addSpecial: false, parseSpecial: true });
    assert.deepEqual(others, []);
    assert.equal(backend.tokenBytes(special!).length, 0, "control tokens are not text");
    assert.throws(() => backend.tokenBytes(1536), /not in the vocabulary/);
  });

  test("sequences in one batch answer as they do alone", () => {
    const questions = ["What is 17 + 25?", "are you a human?", "What is the French word for cat?", "What is 8 + 1?"];
    const alone = questions.map((text) => ids(answer(text)));
    const together = generate(backend, questions.map((text, sequence) => ({ sequence, prompt: chat(backend, text), params: greedy })));
    assert.deepEqual(together.map(ids), alone);
    const mixed = [2, 0, 3, 1];
    const inOtherOrder = generate(backend, mixed.map((sequence) => ({ sequence, prompt: chat(backend, questions[sequence]!), params: greedy })));
    assert.deepEqual(inOtherOrder.map(ids), mixed.map((sequence) => alone[sequence]), "results follow the items, not the ids");
  });

  test("a prompt in several chunks gives the same answer as in one", () => {
    const prompt = chat(backend, "What is 17 + 25?");
    const whole = ids(answer("What is 17 + 25?"));
    assert.deepEqual(backend.step([{ sequence: 0, tokens: prompt.slice(0, 5), position: 0, sampler: null }]).results, []);
    assert.deepEqual(ids(generate(backend, [{ sequence: 0, prompt, params: greedy, held: 5 }])[0]!), whole);
  });

  test("a seed gives the same tokens again, on any sequence and beside others; another seed gives others", () => {
    const story = "Tell me a story about a fox.";
    const first = ids(answer(story, creative));
    assert.deepEqual(ids(answer(story, creative, 3)), first);
    const beside = generate(backend, [
      { sequence: 1, prompt: chat(backend, "What is 17 + 25?"), params: { ...creative, seed: 5 } },
      { sequence: 2, prompt: chat(backend, story), params: creative },
    ]);
    // The other rows change how llama.cpp sums, and so the last bits of the logits: after many draws one may fall on the other side.
    assert.deepEqual(ids(beside[1]!).slice(0, 12), first.slice(0, 12));
    assert.notDeepEqual(ids(answer(story, { ...creative, seed: 2 })), first);
    const last = { ...creative, seed: 0xffff_ffff };
    assert.deepEqual(ids(answer(story, last)), ids(answer(story, last)), "llama.cpp's own default seed is no exception");
  });

  test("logprobs: best first, at most 1 in sum, the greedy token on top, and only when asked for", () => {
    for (const token of answer("are you a human?", { ...greedy, topLogprobs: 20 })) {
      const top = token.top ?? [];
      assert.equal(top.length, 20);
      assert.deepEqual(top[0], { id: token.id, logprob: token.logprob });
      assert.ok(top.every(({ logprob }, index) => index === 0 || logprob <= top[index - 1]!.logprob));
      const sum = top.reduce((total, { logprob }) => total + Math.exp(logprob), 0);
      assert.ok(sum > 0.5 && sum <= 1 + 1e-6, `the sum is ${sum}`);
    }
    const [without] = answer("are you a human?");
    assert.deepEqual(Object.keys(without!), ["id", "isEnd"]);
    const [chosenOnly] = answer("are you a human?", { ...greedy, topLogprobs: 0 });
    assert.deepEqual(chosenOnly?.top, []);
    assert.ok(chosenOnly.logprob! < 0);
  });

  test("logprobs are the model's own, whatever the samplers do", () => {
    const plain = answer("are you a human?", { ...greedy, topLogprobs: 3 })[0]!;
    const sampled = answer("are you a human?", { ...creative, temperature: 2, topK: 2, topLogprobs: 3 })[0]!;
    assert.deepEqual(sampled.top, plain.top);
  });

  test("an emptied sequence gives its cells back: many full conversations fit one after the other", () => {
    const long = chat(backend, "Repeat: apple. ".repeat(12));
    assert.ok(long.length > 60 && long.length <= 200);
    const first = ids(generate(backend, [{ sequence: 0, prompt: long, params: greedy }], 4)[0]!);
    for (let round = 0; round < 40; round += 1) {
      assert.deepEqual(ids(generate(backend, [{ sequence: round % 4, prompt: long, params: greedy }], 4)[0]!), first);
    }
  });

  test("a batch that llama.cpp refuses is `decode_failed`, the sequence keeps what it held, and the next step works", () => {
    const prompt = chat(backend, "What is 17 + 25?");
    prefill(backend, 0, prompt.slice(0, 5));
    const sampler = backend.createSampler(greedy, []);
    const refused = { code: "decode_failed", message: /returned -1: the batch is invalid/ };
    assert.throws(() => backend.step([{ sequence: 0, tokens: [1536], position: 5, sampler }]), refused, "no such token");
    assert.throws(() => backend.step([{ sequence: 0, tokens: [8], position: 7, sampler }]), refused, "a gap");
    sampler.dispose();
    assert.equal(textOf(backend, generate(backend, [{ sequence: 0, prompt, params: greedy, held: 5 }])[0]!), "17 + 25 = 42");
  });

  test("more tokens than there are cells: nothing is decoded, and what was held still answers", () => {
    const prompt = chat(backend, "What is 17 + 25?");
    const filler = Array.from({ length: 250 }, (_, index) => 5 + index);
    prefill(backend, 0, prompt.slice(0, 5));
    for (let full = 1; full <= 8; full += 1) prefill(backend, full, filler);
    assert.throws(() => prefill(backend, 9, filler), { code: "decode_failed", message: /no room for the batch; nothing was decoded/ });
    for (let full = 1; full <= 9; full += 1) backend.memory.truncate(full, 0);
    assert.equal(textOf(backend, generate(backend, [{ sequence: 0, prompt, params: greedy, held: 5 }])[0]!), "17 + 25 = 42");
  });

  test("mistakes of the caller are named before they reach llama.cpp", () => {
    const tokens = new Array<number>(257).fill(5);
    assert.throws(() => prefill(backend, 0, tokens), /more than 256 tokens/);
    assert.throws(() => prefill(backend, 0, []), /without tokens/);
    assert.throws(() => prefill(backend, 24, [5]), /sequence 24 is out of range/);
    assert.throws(() => backend.memory.copy(0, 24, 1), /sequence 24 is out of range/);
    assert.throws(() => backend.memory.truncate(-1, 0), /sequence -1 is out of range/);
  });
});

test("a second model in the same process, with the context it was trained for, and disposal twice", async () => {
  const backend = await loadEmber({ path: emberPath, context: undefined, parallel: 1 });
  assert.equal(backend.capacity.context, 2048);
  assert.equal(textOf(backend, generate(backend, [{ sequence: 0, prompt: chat(backend, "What is 17 + 25?"), params: greedy }])[0]!), "17 + 25 = 42");
  const sampler = backend.createSampler(greedy, []);
  sampler.dispose();
  backend.dispose();
  backend.dispose();
});

test("layers for a GPU that is not there are refused, with what to do", { skip: process.platform === "darwin" && "Metal is always there" }, async () => {
  await assert.rejects(loadEmber({ gpuLayers: 99 }), {
    code: "model_load_failed", param: "gpu_layers", message: /gpu_layers is 99.*there is no GPU/, hint: /inferno gpu install/,
  });
});

test("a context longer than trained is allowed up to eight times, and refused beyond", async () => {
  const backend = await loadEmber({ context: 4096, parallel: 1 });
  assert.equal(backend.capacity.context, 4096);
  backend.dispose();
  const refused = { code: "model_load_failed", message: /16385 tokens.*8 times the 2048/, param: "context" };
  await assert.rejects(loadEmber({ context: 8 * 2048 + 1 }), refused);
});

test("more sequences than llama.cpp can hold are refused with its reason", async () => {
  await assert.rejects(loadEmber({ parallel: 300, context: 16 }), { code: "model_load_failed", message: /n_seq_max must be <= 256/ });
});
