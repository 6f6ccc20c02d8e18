import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { getLlama } from "node-llama-cpp";
import { VirtualClock } from "../../../base/clock.ts";
import type { Embedder, EmbedderOptions } from "../../../runtime/backends/embedder.ts";
import { loadLlamaEmbedder } from "../../../runtime/backends/llama/load-embedder.ts";
import { writeTinyBert } from "../../drivers/models/tiny-bert.ts";
import { emberPath } from "./ember.ts";

const folder = mkdtempSync(join(tmpdir(), "inferno-embedder-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const meanPath = join(folder, "mean.gguf");
const rankPath = join(folder, "rank.gguf");
writeTinyBert(meanPath, { pooling: 1 });
writeTinyBert(rankPath, { classifier: true, pooling: 4 });

const load = async (options: Partial<EmbedderOptions> & { readonly path: string }): Promise<Embedder> =>
  loadLlamaEmbedder({ clock: new VirtualClock(), home: join(folder, "no-home") })({
    parallel: 4, batch: 256, threads: 1, gpu: "cpu", gpuLayers: 0, kvLayout: "auto", kvType: "f16", flashAttention: "auto", draftTokens: 0, candidates: 1,
    adapters: [], checkMemory: false, pooling: "auto", rank: false, ...options,
  });

const texts = ["the cat is on the house", "dog", "the red moon runs where the tree sleeps", "a"];
const tokensOf = (embedder: Embedder, text: string): number[] => embedder.tokenize(text, { addSpecial: true, parseSpecial: false });
const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [product, left, right] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    product += a[index]! * b[index]!;
    left += a[index]! ** 2;
    right += b[index]! ** 2;
  }
  return product / Math.sqrt(left * right);
};

describe("against node-llama-cpp's own contexts on the same files", () => {
  test("vectors of all texts, computed in one batch", async () => {
    const embedder = await load({ path: meanPath });
    const { vectors } = embedder.embed(texts.map((text) => tokensOf(embedder, text)));
    const llama = await getLlama({ gpu: false, build: "never", progressLogs: false });
    const model = await llama.loadModel({ modelPath: meanPath });
    const context = await model.createEmbeddingContext({ threads: 1 });
    for (const [index, text] of texts.entries()) {
      const { vector } = await context.getEmbeddingFor(text);
      const similarity = cosine(vectors[index]!, vector);
      assert.ok(similarity > 0.9999, `${text}: ${similarity}`);
    }
    await llama.dispose();
    embedder.dispose();
  });

  test("scores of a query and documents", async () => {
    const embedder = await load({ path: rankPath, rank: true });
    const documents = ["the sun is red", "the dog sleeps", "the house is on the moon", "a"];
    // Its pairs lack the separator behind the document, which BERT is trained with: so the same tokens are compared, and the pair's own below.
    const pairs = documents.map((document) => embedder.pair("where is the house", document));
    const scores = embedder.embed(pairs.map((pair) => pair.slice(0, -1))).vectors.map(([score]) => score!);
    const llama = await getLlama({ gpu: false, build: "never", progressLogs: false });
    const model = await llama.loadModel({ modelPath: rankPath });
    const context = await model.createRankingContext({ threads: 1 });
    // Its scores have gone through a logistic function.
    const theirs = await context.rankAll("where is the house", documents);
    for (const [index, score] of scores.entries()) assert.ok(Math.abs(1 / (1 + Math.exp(-score)) - theirs[index]!) < 1e-4, `${score} ${theirs[index]!}`);
    await llama.dispose();
    embedder.dispose();
  });
});

test("a pair is [CLS] query [SEP] document [SEP], and a control token in it is text", async () => {
  const embedder = await load({ path: rankPath, rank: true });
  const [cls, sep] = [2, 3];
  const plain = (text: string): number[] => tokensOf(embedder, text).slice(1, -1);
  assert.deepEqual(embedder.pair("the cat", "a dog"), [cls, ...plain("the cat"), sep, ...plain("a dog"), sep]);
  assert.equal(embedder.pair("the cat", "[SEP] a dog").filter((token) => token === sep).length, 2);
  embedder.dispose();
});

test("a generating model's vector is that of its last token, whatever shares its batch", async () => {
  const embedder = await load({ path: emberPath, context: 128 });
  const alone = embedder.embed([tokensOf(embedder, texts[0]!)]).vectors[0]!;
  const among = embedder.embed(texts.toReversed().map((text) => tokensOf(embedder, text))).vectors.at(-1)!;
  assert.ok(cosine(alone, among) > 0.99999);
  const mean = await load({ path: emberPath, context: 128, pooling: "mean" });
  assert.ok(cosine(alone, mean.embed([tokensOf(mean, texts[0]!)]).vectors[0]!) < 0.999);
  embedder.dispose();
  mean.dispose();
});

test("over cells of bf16 it is the same number for number, alone and in a batch", async () => {
  const embedder = await load({ path: emberPath, context: 512, kvType: "bf16" });
  const inputs = [...texts, "x", "the dog runs to the house ".repeat(20)].map((text) => tokensOf(embedder, text));
  const together = embedder.embed(inputs).vectors;
  for (const [index, input] of inputs.entries()) assert.deepEqual(embedder.embed([input]).vectors[0], together[index], `input ${index}`);
  embedder.dispose();
});

test("a model without a classifier does not rerank", async () => {
  await assert.rejects(load({ path: meanPath, rank: true }), { code: "model_task_mismatch" });
});
