import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { escapeMarkdown, modelText } from "../../../extension/views/model-text.ts";
import { duration, traceText } from "../../../extension/views/trace-text.ts";
import { english, model, trace } from "./samples.ts";

const info = {
  engine: "llama" as const, architecture: "qwen3", name: "Ember", parameters: 2_600_000, sizeBytes: 2_800_000, quantization: "Q8_0", trainedContext: 1024,
  vocabulary: 2048, chatTemplate: null, bosToken: "", eosToken: "", library: "llama.cpp", device: { kind: "cpu" as const, name: "test", layers: 0, reason: "" },
};

suite("rows of the views", () => {
  test("a model's description in each state", () => {
    const description = (changes: Parameters<typeof model>[0]) => modelText(model(changes), english).description;
    assert.equal(description({}), "not loaded");
    assert.equal(description({ state: "downloading", progress: 0.421 }), "downloading 42 %");
    assert.equal(description({ state: "loading" }), "loading");
    assert.equal(description({ state: "failed" }), "failed");
    assert.equal(description({ state: "ready", info, tokensPerSecond: 252, running: 2, queued: 3 }), "loaded · Q8_0 · 252 tokens/s · 2 running · 3 waiting");
  });

  test("a failed model says why and what to do", () => {
    const { tooltip, icon } = modelText(model({ state: "failed", error: { code: "model_file_missing", message: "No file.", hint: "Correct it." } }), english);
    assert.equal(icon, "error");
    assert.match(tooltip, /No file\. Correct it\./);
  });

  test("a loaded model says what it is", () => {
    const { tooltip } = modelText(model({ state: "ready", info, context: 1024, rssBytes: 52_428_800 }), english);
    assert.match(tooltip, /Ember, qwen3, 2\.6 M, Q8\\_0\n\nContext: 1024 tokens\n\nMemory: 50 MiB\n\nSource: .*\n\nEmbedded in Inferno/);
  });

  test("a trace", () => {
    const { label, description, tooltip, icon } = traceText(trace(), english);
    assert.match(label, /^ember \d\d:\d\d:\d\d$/);
    assert.equal(description, "1.23 s · 10 tokens · 252 tokens/s");
    assert.match(tooltip, /Prompt: 18 tokens, answer: 10 tokens\n\nTime to first token: 55 ms/);
    assert.equal(icon, "flame");
  });

  test("a failed trace names its error", () => {
    const { description, icon } = traceText(trace({ status: "error", errorCode: "decode_failed", tokensPerSecond: null }), english);
    assert.equal(description, "decode_failed · 1.23 s · 10 tokens");
    assert.equal(icon, "error");
  });

  test("durations", () => {
    assert.deepEqual([5, 999, 1500, 55_300, 1_234_000, 75_000_000].map(duration), ["5 µs", "999 µs", "1.5 ms", "55 ms", "1.23 s", "75.0 s"]);
  });

  test("names of others become no links", () => {
    assert.equal(escapeMarkdown("[x](command:evil) ![y](http://z)"), String.raw`\[x\]\(command:evil\) \!\[y\]\(http://z\)`);
  });
});
