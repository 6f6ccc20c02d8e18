import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { startTestDaemon, user, type TestDaemon } from "../../drivers/test-daemon.ts";
import { tinyContext, tinyWidth, writeTinyBert } from "../../drivers/models/tiny-bert.ts";

let daemon: TestDaemon;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "inferno-tasks-"));
  writeTinyBert(join(folder, "embed.gguf"), { pooling: 1 });
  writeTinyBert(join(folder, "rank.gguf"), { classifier: true, pooling: 4 });
  const small = { threads: 1, context: 512 };
  daemon = await startTestDaemon({
    yaml: {
      models: {
        vectors: { source: join(folder, "embed.gguf"), task: "embedding", threads: 1 },
        cls: { source: join(folder, "embed.gguf"), task: "embedding", pooling: "cls", threads: 1 },
        scores: { source: join(folder, "rank.gguf"), task: "rerank", threads: 1 },
        headless: { source: join(folder, "embed.gguf"), task: "rerank", threads: 1 },
        spilling: { source: join(import.meta.dirname, "../../../runtime/models/ember/ember-q8_0.gguf"), ...small, parallel: 1, kv_cells: 512, prefix_cache: { disk_mb: 50 } },
        ember: { source: join(import.meta.dirname, "../../../runtime/models/ember/ember-q8_0.gguf"), ...small },
      },
    },
  });
});

after(async () => {
  await daemon[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const ask = async <T>(path: string, body: object): Promise<T> => {
  const { status, text } = await daemon.send(path, { body });
  assert.equal(status, 200, text);
  return JSON.parse(text) as T;
};
const refused = async (path: string, body: object) => {
  const { status, error } = await daemon.send(path, { body });
  assert.ok(status >= 400);
  return { code: error.code, param: error.param };
};

interface Embeddings { data: { index: number; embedding: number[] }[]; usage: { prompt_tokens: number } }
const embed = async (input: unknown, more: object = {}): Promise<Embeddings> => ask("/v1/embeddings", { model: "vectors", input, ...more });
const product = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0);

describe("tokens and templates", () => {
  test("text to tokens and back, with pieces on request", async () => {
    const { tokens } = await ask<{ tokens: number[] }>("/api/v1/tokenize", { model: "ember", content: "héllo wörld 🌞" });
    const { content } = await ask<{ content: string }>("/api/v1/detokenize", { model: "ember", tokens });
    assert.equal(content, "héllo wörld 🌞");
    const pieces = await ask<{ tokens: { id: number; piece: string | number[] }[] }>("/api/v1/tokenize", { model: "ember", content: "🌞 sun", with_pieces: true });
    const bytes = pieces.tokens.flatMap(({ piece }) => (typeof piece === "string" ? [...Buffer.from(piece)] : piece));
    assert.equal(Buffer.from(bytes).toString("utf8"), "🌞 sun");
    assert.ok(pieces.tokens.some(({ piece }) => typeof piece !== "string"), "a part of a character is bytes");
  });

  test("control tokens are tokens or text, as asked", async () => {
    const count = async (parse_special: boolean): Promise<number> =>
      (await ask<{ tokens: number[] }>("/api/v1/tokenize", { model: "ember", content: "<|im_end|>", parse_special })).tokens.length;
    assert.equal(await count(true), 1);
    assert.ok((await count(false)) > 1);
  });

  test("a number that is no token is refused", async () => {
    assert.deepEqual(await refused("/api/v1/detokenize", { model: "ember", tokens: [1, 999_999] }), { code: "invalid_request", param: "tokens.1" });
  });

  test("the prompt that a conversation becomes", async () => {
    const { prompt } = await ask<{ prompt: string }>("/api/v1/apply-template", { model: "ember", messages: [user("hello")] });
    assert.match(prompt, /<\|im_start\|>user\nhello<\|im_end\|>\n<\|im_start\|>assistant\n$/);
  });

  test("work on a model for another task too", async () => {
    const { tokens } = await ask<{ tokens: number[] }>("/api/v1/tokenize", { model: "vectors", content: "the cat", add_special: true });
    assert.equal(tokens.length, 4);
  });
});

describe("embeddings", () => {
  test("one vector of length 1 for each input, in order, alone as in a batch", async () => {
    const texts = ["the cat sleeps", "the dog runs", "the moon is blue", "a"];
    const { data, usage } = await embed(texts);
    assert.deepEqual(data.map(({ index }) => index), [0, 1, 2, 3]);
    assert.ok(usage.prompt_tokens > texts.length);
    for (const [index, text] of texts.entries()) {
      const vector = data[index]!.embedding;
      assert.equal(vector.length, tinyWidth);
      assert.ok(Math.abs(product(vector, vector) - 1) < 1e-5);
      assert.ok(product(vector, (await embed(text)).data[0]!.embedding) > 0.99999);
    }
  });

  test("more inputs than one batch holds, at once from several clients", async () => {
    const texts = Array.from({ length: 150 }, (_, index) => `the ${["cat", "dog", "sun"][index % 3]!} ${"runs ".repeat(index % 7)}`);
    const [first, second] = await Promise.all([embed(texts), embed(texts.toReversed())]);
    for (const [index, { embedding }] of first.data.entries()) {
      assert.ok(product(embedding, second.data[texts.length - 1 - index]!.embedding) > 0.99999);
    }
  });

  test("tokens say the same as their text", async () => {
    const { tokens } = await ask<{ tokens: number[] }>("/api/v1/tokenize", { model: "vectors", content: "the red house", add_special: true });
    const [fromText, fromTokens, fromList] = [await embed("the red house"), await embed(tokens), await embed([tokens])];
    assert.deepEqual(fromTokens.data, fromText.data);
    assert.deepEqual(fromList.data, fromText.data);
  });

  test("the configured pooling is another vector", async () => {
    const mean = (await embed("the red house")).data[0]!.embedding;
    const cls = (await embed("the red house", { model: "cls" })).data[0]!.embedding;
    assert.ok(product(mean, cls) < 0.999);
  });

  test("OpenAI's client, which asks for base64", async () => {
    const client = new OpenAI({ baseURL: `${daemon.daemon.url}/v1`, apiKey: daemon.daemon.token });
    const { data } = await client.embeddings.create({ model: "vectors", input: ["the cat"] });
    const plain = (await embed("the cat")).data[0]!.embedding;
    assert.ok(product(data[0]!.embedding, plain) > 0.99999);
  });

  test("a trace with its spans", async () => {
    const { headers } = await daemon.send("/v1/embeddings", { body: { model: "vectors", input: "the cat" } });
    const trace = await daemon.client.call("trace", { params: { id: headers.get("x-inferno-trace-id") ?? "" } });
    const names = trace.spans.map(({ name }) => name);
    assert.ok(names.includes("tokenize") && names.includes("embed"), names.join(" "));
    assert.equal(trace.status, "ok");
    assert.equal(trace.promptTokens, 4);
  });

  test("what is wrong is named", async () => {
    assert.deepEqual(await refused("/v1/embeddings", { model: "vectors", input: ["the cat", "cat ".repeat(tinyContext)] }), { code: "context_length_exceeded", param: "input.1" });
    assert.deepEqual(await refused("/v1/embeddings", { model: "vectors", input: [[5, 6], [7, 100_000]] }), { code: "invalid_request", param: "input.1" });
    assert.deepEqual(await refused("/v1/embeddings", { model: "vectors", input: "the cat", dimensions: 8 }), { code: "unsupported_parameter", param: "dimensions" });
    assert.deepEqual(await refused("/v1/embeddings", { model: "ember", input: "the cat" }), { code: "model_task_mismatch", param: "model" });
    assert.deepEqual(await refused("/v1/chat/completions", { model: "vectors", messages: [user("hello")] }), { code: "model_task_mismatch", param: "model" });
    assert.deepEqual(await refused("/v1/completions", { model: "vectors", prompt: "hello" }), { code: "model_task_mismatch", param: "model" });
  });
});

describe("rerank", () => {
  const documents = ["the sun is red", { text: "the dog sleeps" }, "the house is on the moon"];
  interface Ranked { results: { index: number; relevance_score: number; document?: { text: string } }[] }

  test("scores in falling order, the best so many, with the texts on request", async () => {
    const all = await ask<Ranked>("/v1/rerank", { model: "scores", query: "where is the house", documents });
    assert.deepEqual(all.results.map(({ index }) => index).toSorted(), [0, 1, 2]);
    const scores = all.results.map(({ relevance_score: score }) => score);
    assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
    assert.equal(new Set(scores).size, 3);
    const best = await ask<Ranked>("/v1/rerank", { model: "scores", query: "where is the house", documents, top_n: 1, return_documents: true });
    assert.equal(best.results.length, 1);
    assert.equal(best.results[0]!.index, all.results[0]!.index);
    assert.equal(typeof best.results[0]!.document?.text, "string");
  });

  test("a model without a classifier is no reranker", async () => {
    assert.equal((await refused("/v1/rerank", { model: "headless", query: "a", documents })).code, "model_task_mismatch");
    assert.deepEqual(await refused("/v1/rerank", { model: "vectors", query: "a", documents }), { code: "model_task_mismatch", param: "model" });
  });
});

describe("gaps to fill", () => {
  const prefix = "function negate(b) {\n";
  const suffix = "\n}\n";

  test("/infill and a completion with suffix write what Ember was measured to write", async () => {
    const infill = await ask<{ content: string; stop: boolean; stop_type: string }>("/infill", { model: "ember", input_prefix: prefix, input_suffix: suffix });
    assert.deepEqual({ content: infill.content, stop: infill.stop, stop_type: infill.stop_type }, { content: "  return -b;", stop: true, stop_type: "eos" });
    const completion = await daemon.client.call("completions", { body: { model: "ember", prompt: prefix, suffix, max_tokens: 50 } });
    assert.equal(completion.choices[0]!.text, "  return -b;");
  });

  test("a text that is too long is cut at its far ends, and says so", async () => {
    const long = `${"// far away\n".repeat(400)}${prefix}`;
    const { content, timings } = await ask<{ content: string; timings: { truncated_tokens: number } }>("/infill", { model: "ember", input_prefix: long, input_suffix: suffix });
    assert.notEqual(content, "");
    assert.ok(timings.truncated_tokens > 0);
  });

  test("a model without the tokens refuses", async () => {
    const stories = await refused("/infill", { model: "vectors", input_prefix: "a", input_suffix: "b" });
    assert.equal(stories.code, "model_task_mismatch");
  });
});

describe("saved states", () => {
  const messages = [user("Where is the key? The lamp is on the table, the key is in the drawer, the book is on the shelf.")];
  interface Saved { model: string; name: string; tokens: number; size_bytes: number }
  interface Answer { choices: { message: { content: string } }[]; timings: { cached_tokens: number } }
  const chat = async (): Promise<Answer> => ask("/v1/chat/completions", { model: "ember", messages, temperature: 0, max_tokens: 8 });

  test("come back after the model was unloaded, with the same answer", async () => {
    const saved = await ask<Saved>("/api/v1/states/save", { model: "ember", name: "kitchen", messages });
    assert.ok(saved.tokens > 20 && saved.size_bytes > saved.tokens * 4);
    const before = await chat();
    await daemon.client.call("unloadModel", { body: { model: "ember" } });
    const restored = await ask<Saved>("/api/v1/states/restore", { model: "ember", name: "kitchen" });
    assert.deepEqual(restored, saved);
    const after = await chat();
    assert.ok(after.timings.cached_tokens >= saved.tokens - 1, String(after.timings.cached_tokens));
    assert.equal(after.choices[0]!.message.content, before.choices[0]!.message.content);
    assert.deepEqual((await daemon.client.call("states", {})).states.map(({ name }) => name), ["kitchen"]);
    await ask("/api/v1/states/delete", { model: "ember", name: "kitchen" });
    assert.deepEqual(await refused("/api/v1/states/restore", { model: "ember", name: "kitchen" }), { code: "state_not_found", param: "name" });
  });

  test("a name is no path, and a damaged file no state", async () => {
    for (const name of ["../up", "a/b", "", ".hidden", "a\\b"]) {
      assert.deepEqual(await refused("/api/v1/states/save", { model: "ember", name, messages }), { code: "invalid_request", param: "name" });
    }
    await ask("/api/v1/states/save", { model: "ember", name: "broken", messages });
    await writeFile(join(daemon.home, "states", "ember", "broken.state"), "INFS nothing");
    assert.equal((await refused("/api/v1/states/restore", { model: "ember", name: "broken" })).code, "state_not_found");
  });
});

test("a prefix that had to leave the KV cache comes back from disk, also after the model was unloaded", async () => {
  interface Answer { choices: { text: string }[]; timings: { cached_tokens: number; trace_id: string } }
  const complete = async (prompt: string): Promise<Answer> => ask("/v1/completions", { model: "spilling", prompt, temperature: 0, max_tokens: 4 });
  const story = (name: string): string => `${name} `.repeat(60);
  const first = await complete(story("river"));
  assert.equal(first.timings.cached_tokens, 0);
  // Together with these, more tokens than the cache has cells.
  for (const name of ["mountain", "forest", "meadow", "valley"]) await complete(story(name));
  const again = await complete(story("river"));
  const { reuse } = await daemon.client.call("trace", { params: { id: again.timings.trace_id } });
  assert.equal(reuse?.source, "disk");
  assert.ok(again.timings.cached_tokens > 50);
  assert.equal(again.choices[0]!.text, first.choices[0]!.text);
  await daemon.client.call("unloadModel", { body: { model: "spilling" } });
  const later = await complete(story("river"));
  assert.ok(later.timings.cached_tokens > 50);
  assert.equal(later.choices[0]!.text, first.choices[0]!.text);
});

test("a conversation that is too long loses its oldest messages when it may, and the answer says how much", async () => {
  const talk = Array.from({ length: 40 }, (_, index) => [user(`Remark number ${index} about the weather.`), { role: "assistant" as const, content: "I see." }]).flat();
  const messages = [{ role: "system" as const, content: "Be brief." }, ...talk, user("What is the capital of France?")];
  const error = await refused("/v1/chat/completions", { model: "ember", messages });
  assert.deepEqual(error, { code: "context_length_exceeded", param: "messages" });
  const { headers, text } = await daemon.send("/v1/chat/completions", { body: { model: "ember", messages, overflow: "truncate_middle", max_tokens: 20 } });
  const { timings, usage } = JSON.parse(text) as { timings: { truncated_tokens: number }; usage: { prompt_tokens: number } };
  assert.ok(timings.truncated_tokens > 100);
  assert.ok(usage.prompt_tokens <= 512 - 20);
  const { prompt } = await daemon.client.call("trace", { params: { id: headers.get("x-inferno-trace-id") ?? "" } });
  assert.match(prompt ?? "", /Be brief[^]*<\|im_start\|>user\nRemark number \d+[^]*capital of France/);
});

for (const [what, route, body] of [
  ["plain text", "/v1/completions", (text: string) => ({ prompt: text })],
  ["a message", "/v1/chat/completions", (text: string) => ({ messages: [{ role: "system", content: "Be brief." }, user(text)] })],
] as const) {
  test(`two megabytes lose their middle too: ${what}`, async () => {
    const text = `It began in Rome. ${"all the roads lead there ".repeat(84_000)} and it ended in Oslo.`;
    const asked = { model: "ember", overflow: "truncate_middle", max_tokens: 20, ...body(text) };
    assert.deepEqual((await refused(route, { ...asked, overflow: "error" })).code, "context_length_exceeded");
    const { headers, text: answer } = await daemon.send(route, { body: asked });
    const { timings, usage } = JSON.parse(answer) as { timings: { truncated_tokens: number }; usage: { prompt_tokens: number } };
    assert.equal(usage.prompt_tokens, 512 - 20);
    assert.ok(timings.truncated_tokens > 84_000 * 5 / 2, String(timings.truncated_tokens));
    const { prompt } = await daemon.client.call("trace", { params: { id: headers.get("x-inferno-trace-id") ?? "" } });
    assert.match(prompt ?? "", /began in Rome[^]*lead there[^]*ended in Oslo/);
  });
}
