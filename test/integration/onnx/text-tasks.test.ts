import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { systemClock } from "../../../base/system-clock.ts";
import { OnnxOptions } from "../../../protocol/config.ts";
import { loadOnnx } from "../../../runtime/backends/onnx/index.ts";
import type { TaskCall, TaskModel } from "../../../runtime/backends/task-model.ts";
import { writeTinyText, type TinyText } from "../../drivers/models/tiny-text.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "inferno-text-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

async function load(t: TestContext, tiny: TinyText, more: Readonly<Record<string, string>> = {}): Promise<TaskModel> {
  const home = folder(t);
  const path = writeTinyText(join(home, "model"), tiny);
  for (const [name, text] of Object.entries(more)) writeFileSync(join(path, name), text);
  const model = await loadOnnx({ clock: systemClock, home })({ path, threads: 1, onnx: OnnxOptions.parse({ cache_optimized: false }), checkMemory: true });
  t.after(async () => await model.dispose());
  return model;
}

/** All items in one run, as the model host would. */
async function ask(model: TaskModel, call: TaskCall): Promise<unknown> {
  const prepared = await model.prepare(call);
  return await prepared.finish((await model.run(prepared.items)).results);
}

const nearly = (actual: unknown, expected: unknown): void => {
  const rounded = (_: string, value: unknown): unknown => (typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value);
  assert.deepEqual(JSON.parse(JSON.stringify(actual, rounded)), JSON.parse(JSON.stringify(expected, rounded)));
};

const logistic = (value: number): number => 1 / (1 + Math.exp(-value));

test("reranking: query and document in one input, the score of the document's part", async (t) => {
  const tiny: TinyText = { table: { good: [2], bad: [-2], very: [0.5] }, output: "second", manifest: { task: "rerank", tensors: { types: "token_type_ids" } } };
  const model = await load(t, tiny);
  // "good" in the query counts nothing; documents of different length share the run.
  const answer = await ask(model, { kind: "rerank", query: "good good", documents: ["bad", "very very good london", "", "london"] });
  nearly(answer, { scores: [logistic(-2), logistic(3), 0.5, 0.5], tokens: 6 + 9 + 5 + 6 });

  const raw = await load(t, { ...tiny, manifest: { ...tiny.manifest, activation: "none" } });
  nearly(await ask(raw, { kind: "rerank", query: "in", documents: ["bad"] }), { scores: [-2], tokens: 5 });

  const two = await load(t, { ...tiny, table: { good: [0, 2] }, manifest: { ...tiny.manifest, activation: "softmax" } });
  nearly(await ask(two, { kind: "rerank", query: "in", documents: ["good"] }), { scores: [logistic(2)], tokens: 5 });
  await assert.rejects(load(t, { ...tiny, manifest: { ...tiny.manifest, activation: "softmax" } }), { code: "manifest_invalid", message: /^activation: the graph gives \[batch, 1\]/ });
  await assert.rejects(model.prepare({ kind: "rerank", query: "in", documents: ["good", "very ".repeat(600)] }), { code: "context_length_exceeded", param: "documents.1" });
});

test("text classification: labels of each text, best first, padding without effect", async (t) => {
  const tiny: TinyText = {
    table: { good: [2, 0, 0], bad: [0, 2, 0], very: [1, 1, 0] }, output: "sum",
    manifest: { task: "text-classification", labels: "config.json" },
  };
  const model = await load(t, tiny, { "config.json": JSON.stringify({ id2label: { 0: "positive", 1: "negative", 2: "neutral" } }) });
  const texts = ["good", "very bad in london, very very bad", "in"];
  const softmax = (...logits: number[]): number[] => logits.map((logit) => Math.exp(logit) / logits.reduce((sum, value) => sum + Math.exp(value), 0));
  const [good, bad] = [softmax(2, 0, 0), softmax(3, 7, 0)];
  nearly(await ask(model, { kind: "infer", input: { task: "text-classification", texts, top: null } }), {
    output: {
      task: "text-classification", tokens: 3 + 10 + 3,
      labels: [
        [{ label: "positive", score: good[0] }, { label: "negative", score: good[1] }, { label: "neutral", score: good[2] }],
        [{ label: "negative", score: bad[1] }, { label: "positive", score: bad[0] }, { label: "neutral", score: bad[2] }],
        [{ label: "positive", score: 1 / 3 }, { label: "negative", score: 1 / 3 }, { label: "neutral", score: 1 / 3 }],
      ],
    },
  });
  const each = await load(t, { ...tiny, manifest: { ...tiny.manifest, labels: ["a", "b", "c"], activation: "sigmoid" } });
  nearly(await ask(each, { kind: "infer", input: { task: "text-classification", texts: ["good"], top: 1 } }), { output: { task: "text-classification", tokens: 3, labels: [[{ label: "a", score: logistic(2) }]] } });

  await assert.rejects(load(t, { ...tiny, manifest: { ...tiny.manifest, labels: ["only", "two"] } }), { code: "manifest_invalid", message: /the graph gives \[batch, 3\], not \[any, 2\]/ });
  await assert.rejects(model.prepare({ kind: "embed", inputs: ["a"] }), { code: "model_task_mismatch" });
});

test("token classification: parts of each text, where they stand in it", async (t) => {
  const labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];
  const one = (label: string): number[] => labels.map((name) => (name === label ? 10 : 0));
  const others = Object.fromEntries(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "lives", "in", "good", "bad", "very"].map((word) => [word, one("O")]));
  const tiny: TinyText = { table: { ...others, ada: one("B-PER"), love: one("I-PER"), "##lace": one("I-PER"), london: one("B-LOC") }, output: "words", manifest: { task: "token-classification", labels, tensors: { mask: null } } };
  const score = Math.exp(10) / (Math.exp(10) + 4);
  // Its graph has the input all the same: the manifest must not leave it out.
  await assert.rejects(load(t, tiny), { code: "manifest_invalid", message: "tensors: nothing is given to the graph's input attention_mask." });

  const model = await load(t, { ...tiny, manifest: { ...tiny.manifest, tensors: {} } });
  const texts = ["Ada  LOVELACE lives in Londön 🦕", "bad"];
  nearly(await ask(model, { kind: "infer", input: { task: "token-classification", texts } }), {
    output: {
      task: "token-classification", tokens: 9 + 3,
      entities: [[{ label: "PER", score, text: "Ada  LOVELACE", start: 0, end: 13 }, { label: "LOC", score, text: "Londön", start: 23, end: 29 }], []],
    },
  });
  const apart = await load(t, { ...tiny, manifest: { ...tiny.manifest, tensors: {}, aggregate: false } });
  nearly(await ask(apart, { kind: "infer", input: { task: "token-classification", texts: ["lovelace"] } }), {
    output: { task: "token-classification", tokens: 4, entities: [[{ label: "I-PER", score, text: "love", start: 0, end: 4 }, { label: "I-PER", score, text: "lace", start: 4, end: 8 }]] },
  });
});

test("a graph with fixed sizes is filled up to them, and its length is the limit", async (t) => {
  const tiny: TinyText = { table: { good: [3, 0], bad: [0, 4] }, output: "sum", rows: 2, columns: 6, manifest: { task: "embedding", pooling: "none" } };
  const model = await load(t, tiny);
  assert.equal(model.limits.items, 2);
  nearly(await ask(model, { kind: "embed", inputs: ["good bad"] }), { vectors: [Float32Array.of(0.6, 0.8)], tokens: 4 });
  await assert.rejects(model.prepare({ kind: "embed", inputs: ["very very very very very"] }), { code: "context_length_exceeded", message: "input: it has 7 tokens, the model takes 6 tokens." });
});

test("what manifest and graph do not agree on is told when the model is loaded", async (t) => {
  const tiny: TinyText = { table: { good: [1, 2] }, output: "sum", manifest: { task: "embedding", pooling: "none" } };
  const refused = async (manifest: Readonly<Record<string, unknown>>, message: RegExp): Promise<void> =>
    await assert.rejects(load(t, { ...tiny, manifest: { task: "embedding", ...manifest } }), { code: "manifest_invalid", message });
  await refused({}, /^output: the graph gives \[batch, 2\], not \[any, any, any\]/);
  await refused({ pooling: "none", output: "pooled" }, /^output: the graph has no output "pooled"; it has sum/);
  await refused({ pooling: "none", tensors: { types: "token_type_ids" } }, /^tensors.types: the graph has no input "token_type_ids"; it has input_ids, attention_mask/);
  await refused({ pooling: "none", tokenizer: "tokens.json" }, /tokens\.json does not exist/);
});
