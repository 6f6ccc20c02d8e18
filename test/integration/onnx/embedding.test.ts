import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { env, pipeline, type FeatureExtractionPipeline } from "@huggingface/transformers";
import { systemClock } from "../../../base/system-clock.ts";
import { OnnxOptions } from "../../../protocol/config.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { loadOnnx } from "../../../runtime/backends/onnx/index.ts";
import type { TaskModel } from "../../../runtime/backends/task-model.ts";
import { miniLmPath, writeMiniLm } from "../../drivers/minilm.ts";

const texts = [
  "", " ", "a", ".", "The quick brown fox jumps over the lazy dog.", "Wie lange dauert die Fahrt nach Zürich?", "Où est la bibliothèque, s'il vous plaît ?",
  "机器学习很有趣。", "今日はいい天気ですね", "Привет, как дела?", "مرحبا بالعالم", "नमस्ते दुनिया", "한국어 문장입니다", "🦕🎉👩‍👩‍👧‍👦 emoji only", "naïve café — “quotes” … ﬁne",
  "if (x !== null) { return x?.y ?? 42; }", "a".repeat(300), "word ".repeat(100), "Long texts are embedded whole, up to the model's 512 tokens. ".repeat(30), "x ".repeat(510),
];

let home: string;
let ours: TaskModel;
let theirs: FeatureExtractionPipeline;

before(async () => {
  home = mkdtempSync(join(tmpdir(), "inferno-embedding-"));
  ours = await loadOnnx({ clock: systemClock, home })({ path: writeMiniLm(join(home, "minilm")), threads: 1, onnx: OnnxOptions.parse({}), checkMemory: true });
  env.allowRemoteModels = false;
  env.localModelPath = dirname(dirname(miniLmPath));
  theirs = await pipeline("feature-extraction", `onnx-community/${basename(miniLmPath)}`, { dtype: "q4", device: "cpu", session_options: { intraOpNumThreads: 1 } });
});

after(async () => {
  await ours.dispose();
  await theirs.dispose();
  rmSync(home, { recursive: true });
});

async function embed(inputs: readonly (string | readonly number[])[]): Promise<{ vectors: readonly Float32Array[]; tokens: number }> {
  const prepared = await ours.prepare({ kind: "embed", inputs });
  const answer = await prepared.finish((await ours.run(prepared.items)).results);
  assert.ok("vectors" in answer);
  return answer;
}

const furthest = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);

async function expected(text: string): Promise<Float32Array> {
  const { data } = await theirs(text, { pooling: "mean", normalize: true });
  assert.ok(data instanceof Float32Array);
  return data;
}

test("vectors are those of transformers.js to 1e-5, alone and in one padded batch", { timeout: 60_000 }, async () => {
  const batch = await embed(texts);
  for (const [index, text] of texts.entries()) {
    const wanted = await expected(text);
    const alone = (await embed([text])).vectors[0]!;
    assert.equal(alone.length, 384);
    const named = JSON.stringify(text.slice(0, 40));
    assert.ok(furthest(alone, wanted) <= 1e-5, `${named} alone: off by ${furthest(alone, wanted)}`);
    assert.ok(furthest(batch.vectors[index]!, wanted) <= 1e-5, `${named} in the batch: off by ${furthest(batch.vectors[index]!, wanted)}`);
  }
});

test("tokens stand for their text", async () => {
  const [text, tokens] = await Promise.all([embed(["hello world"]), embed([[101, 7592, 2088, 102]])]);
  assert.deepEqual(tokens, text);
  assert.equal(tokens.tokens, 4);
});

test("what a text model cannot take is refused before it runs", async () => {
  const refusal = async (inputs: readonly (string | readonly number[])[]): Promise<string> => {
    const error = await embed(inputs).then(() => assert.fail("it was embedded"), (reason: unknown) => reason);
    assert.ok(error instanceof InfernoError);
    return `${error.code} ${error.param ?? ""}`;
  };
  assert.equal(await refusal(["fine", "x ".repeat(511)]), "context_length_exceeded input.1");
  assert.equal(await refusal([[30_522]]), "invalid_request input");
  assert.equal(await refusal([[]]), "invalid_request input");
  await assert.rejects(ours.prepare({ kind: "rerank", query: "a", documents: ["b"] }), { code: "model_task_mismatch" });
});
