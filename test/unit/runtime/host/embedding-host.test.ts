import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { describe, test } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../../../base/clock.ts";
import { fakeEmbedder } from "../../../../runtime/backends/fake/fake-embedder.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { nextBatch } from "../../../../runtime/host/embedding-batches.ts";
import { EmbeddingHost } from "../../../../runtime/host/embedding-host.ts";
import type { FromHost } from "../../../../runtime/host/messages.ts";
import { plainLoad } from "../backends/plain-load.ts";

type Answer = Extract<FromHost, { type: "answer" }>;

function start(rank = false) {
  const clock = new VirtualClock(1000);
  const embedder = fakeEmbedder(virtualTime(clock), { ...plainLoad, path: "fake:echo?vocabulary=bytes&stepUs=100", batch: 32, pooling: "auto", rank });
  const batches: number[] = [];
  const answers = new Map<string, Answer>();
  const counting = { ...embedder, embed: (inputs: readonly (readonly number[])[]) => {
    batches.push(inputs.length);
    return embedder.embed(inputs);
  } };
  const host = new EmbeddingHost({ embedder: counting, rank, clock, send: (message) => message.type === "answer" && answers.set(message.id, message) });
  const valueOf = (id: string) => {
    const { outcome } = answers.get(id)!;
    assert.ok(outcome.ok, JSON.stringify(outcome));
    return outcome.value;
  };
  return { clock, embedder, host, batches, answers, valueOf };
}

describe("the loop of an embedding model", () => {
  test("fills batches with the inputs of several requests, and answers each as alone", async () => {
    const { host, batches, valueOf, embedder } = start();
    host.call("a", { kind: "embed", inputs: ["one", "two", "three"] }, 1000);
    host.call("b", { kind: "embed", inputs: ["four", "five"] }, 1000);
    await host.idle();
    assert.deepEqual(batches, [4, 1], "four inputs are a batch");
    const vector = (text: string) => embedder.embed([embedder.tokenize(text, { addSpecial: true, parseSpecial: false })]).vectors[0]!;
    assert.deepEqual(valueOf("a"), { vectors: ["one", "two", "three"].map(vector), tokens: 11 });
    assert.deepEqual(valueOf("b"), { vectors: ["four", "five"].map(vector), tokens: 8 });
  });

  test("the spans of a request follow each other without a gap", async () => {
    const { host, answers } = start();
    host.call("a", { kind: "embed", inputs: ["one", "two", "three", "four", "five"] }, 900);
    await host.idle();
    const { spans, endUs } = answers.get("a")!;
    assert.deepEqual(spans.map(({ name }) => name), ["dispatch", "tokenize", "embed", "embed"]);
    assert.equal(spans[0]!.startUs, 900);
    for (const [index, span] of spans.entries()) assert.equal(span.endUs, spans[index + 1]?.startUs ?? endUs);
  });

  test("a cancelled request is answered at once, and the others go on", async () => {
    const { host, answers, valueOf } = start();
    host.call("a", { kind: "embed", inputs: Array.from({ length: 20 }, () => "one") }, 1000);
    host.call("b", { kind: "embed", inputs: ["two"] }, 1000);
    await turn();
    host.cancel("a");
    const { outcome } = answers.get("a")!;
    assert.ok(!outcome.ok && outcome.error.error.code === "request_cancelled");
    await host.idle();
    assert.equal(answers.size, 2);
    assert.ok("vectors" in valueOf("b"));
    assert.equal(host.running, 0);
  });

  test("an input that is too long or empty is named, and nothing is computed", () => {
    const { host, answers, batches } = start();
    host.call("a", { kind: "embed", inputs: ["fine", "x".repeat(33)] }, 1000);
    host.call("b", { kind: "embed", inputs: ["fine", ""] }, 1000);
    host.call("c", { kind: "embed", inputs: [[1, 2, 256]] }, 1000);
    const errors = ["a", "b", "c"].map((id) => {
      const { outcome } = answers.get(id)!;
      return outcome.ok ? null : { code: outcome.error.error.code, param: outcome.error.error.param };
    });
    assert.deepEqual(errors, [{ code: "context_length_exceeded", param: "input.1" }, { code: "invalid_request", param: "input.1" }, { code: "invalid_request", param: "input" }]);
    assert.deepEqual(batches, []);
  });

  test("a reranker scores each document against the query", async () => {
    const { host, valueOf } = start(true);
    host.call("a", { kind: "rerank", query: "abc", documents: ["xyz", "aab", "abc"] }, 1000);
    await host.idle();
    assert.deepEqual(valueOf("a"), { scores: [0, 3, 3], tokens: 21 });
  });
});

test("a batch keeps its limits and never leaves the oldest input behind", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 40 })), fc.integer({ min: 1, max: 8 }), (lengths, inputs) => {
    const pending = lengths.map((tokens, index) => ({ tokens, index }));
    const batch = nextBatch(pending, { tokens: 40, inputs });
    assert.ok(batch.length <= inputs && batch.reduce((sum, { tokens }) => sum + tokens, 0) <= 40);
    assert.equal(batch[0], pending[0]);
    assert.deepEqual(batch.map(({ index }) => index), batch.map(({ index }) => index).toSorted((a, b) => a - b));
  }));
});
