import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { env, pipeline, type FeatureExtractionPipeline } from "@huggingface/transformers";
import { systemClock } from "../../../base/system-clock.ts";
import { OnnxOptions } from "../../../protocol/config.ts";
import { manifestName } from "../../../protocol/manifest.ts";
import type { Embedder } from "../../../runtime/backends/embedder.ts";
import { loadLlamaEmbedder } from "../../../runtime/backends/llama/load-embedder.ts";
import { loadOnnx } from "../../../runtime/backends/onnx/index.ts";
import type { TaskModel } from "../../../runtime/backends/task-model.ts";
import { writeMiniLmFp32 } from "../../drivers/minilm-fp32.ts";
import { miniLmManifest, miniLmModel, writeMiniLm } from "../../drivers/minilm.ts";
import { writeMiniLmGguf } from "../../drivers/models/minilm-gguf.ts";

const texts = [
  "The quick brown fox jumps over the lazy dog.", "Wie lange dauert die Fahrt nach Zürich?", "naïve café", "機械学習", "a", "How do I bake bread without yeast?",
  "if (x !== null) { return 42; }", "Sentences of one language beside another: où est la gare ?", "repeated words ".repeat(60),
];

/** Both have length 1. */
const cosine = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, place) => sum + value * b[place]!, 0);
const furthest = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, place) => Math.max(most, Math.abs(value - b[place]!)), 0);

describe("one MiniLM: as GGUF and as ONNX in single precision, as ONNX in four bits, and in transformers.js", { timeout: 120_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), "inferno-both-"));
  let llama: Embedder;
  let single: TaskModel;
  let fourBits: TaskModel;
  let theirs: FeatureExtractionPipeline;

  before(async () => {
    const gguf = join(home, "minilm.gguf");
    writeMiniLmGguf(gguf);
    llama = await loadLlamaEmbedder({ clock: systemClock, home })({
      path: gguf, parallel: 4, batch: 512, threads: 1, gpu: "cpu", gpuLayers: 0, kvLayout: "auto", kvType: "f16", flashAttention: "auto", draftTokens: 0, candidates: 1,
      adapters: [], checkMemory: true, pooling: "auto", rank: false,
    });
    const folder = join(home, "full");
    await writeMiniLmFp32(folder);
    writeFileSync(join(folder, manifestName), miniLmManifest.replace(miniLmModel, "onnx/model.onnx"));
    const load = async (path: string): Promise<TaskModel> => await loadOnnx({ clock: systemClock, home })({ path, threads: 1, onnx: OnnxOptions.parse({}), checkMemory: true });
    single = await load(folder);
    fourBits = await load(writeMiniLm(join(home, "minilm")));
    env.allowRemoteModels = false;
    env.localModelPath = home;
    theirs = await pipeline("feature-extraction", "full", { dtype: "fp32", device: "cpu", session_options: { intraOpNumThreads: 1 } });
  });

  after(async () => {
    llama.dispose();
    await single.dispose();
    await fourBits.dispose();
    await theirs.dispose();
    rmSync(home, { recursive: true });
  });

  const tokensOf = (text: string): number[] => llama.tokenize(text, { addSpecial: true, parseSpecial: false });
  const byLlama = (text: string): Float32Array => llama.embed([tokensOf(text)]).vectors[0]!;
  async function byOnnx(model: TaskModel): Promise<{ vectors: readonly Float32Array[]; tokens: number }> {
    const prepared = await model.prepare({ kind: "embed", inputs: texts });
    const answer = await prepared.finish((await model.run(prepared.items)).results);
    assert.ok("vectors" in answer);
    return answer;
  }

  test("the same tokens", async () => {
    assert.equal((await byOnnx(single)).tokens, texts.reduce((sum, text) => sum + tokensOf(text).length, 0));
  });

  test("single precision: transformers.js's vectors to 1e-5", async () => {
    const { vectors } = await byOnnx(single);
    for (const [index, text] of texts.entries()) {
      const { data } = await theirs(text, { pooling: "mean", normalize: true });
      assert.ok(data instanceof Float32Array);
      assert.ok(furthest(vectors[index]!, data) <= 1e-5, `${text.slice(0, 40)}: off by ${furthest(vectors[index]!, data)}`);
    }
  });

  test("single precision: the GGUF's vectors, but for what flash attention rounds to half precision", async () => {
    const { vectors } = await byOnnx(single);
    for (const [index, text] of texts.entries()) {
      const similarity = cosine(vectors[index]!, byLlama(text));
      assert.ok(similarity >= 0.99999, `${text.slice(0, 40)}: ${similarity}`);
    }
  });

  test("four bits: the GGUF's vectors to a cosine of 0.999", async () => {
    const { vectors } = await byOnnx(fourBits);
    for (const [index, text] of texts.entries()) {
      const similarity = cosine(vectors[index]!, byLlama(text));
      assert.ok(similarity >= 0.999, `${text.slice(0, 40)}: ${similarity}`);
    }
  });
});
