import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { InfernoError } from "../../../protocol/errors.ts";
import { spanTable, type SpanName } from "../../../protocol/trace.ts";
import type { TraceStore } from "../../../runtime/store/trace-store.ts";
import { eventually } from "../../drivers/eventually.ts";
import { startMemoryGateway, type MemoryGateway } from "../../drivers/memory-gateway.ts";
import { user } from "../../drivers/test-daemon.ts";

const ask = async ({ client }: MemoryGateway, model: string, content: string) =>
  await client.call("chatCompletions", { body: { model, messages: [user(content)] } });

describe("one request through the whole pipeline, on a virtual clock", () => {
  it("has a trace whose leaves follow each other without gap or overlap and add up exactly", async () => {
    await using it = await startMemoryGateway({
      models: { echo: { source: "fake:echo?loadUs=5000&stepUs=100&tokenUs=10&sampleUs=7", batch: 32 } },
    });
    const { timings } = await ask(it, "echo", "word ".repeat(50).trim());
    const trace = await it.client.call("trace", { params: { id: timings.trace_id } });
    const leaves = trace.spans.filter(({ name }) => name !== "request" && spanTable[name as SpanName].kind === "leaf");
    let end = 0;
    for (const { name, startUs, durationUs } of leaves) {
      assert.equal(startUs, end, name);
      end = startUs + durationUs;
    }
    assert.equal(end, trace.durationUs);
    // Nothing but the engine takes time here: so this is known beforehand, to the microsecond.
    const total = (name: SpanName) => leaves.filter((span) => span.name === name).reduce((sum, { durationUs }) => sum + durationUs, 0);
    const chunks = leaves.filter(({ name }) => name === "prefill").map(({ attributes }) => Number(attributes["tokens"]));
    assert.equal(chunks.length, Math.ceil(trace.promptTokens / 32));
    assert.equal(chunks.reduce((sum, tokens) => sum + tokens, 0), trace.promptTokens);
    assert.equal(total("load"), 5000);
    assert.equal(total("prefill"), chunks.length * 100 + trace.promptTokens * 10);
    assert.equal(total("decode"), 50 * 110);
    assert.equal(total("sample"), 51 * 7);
    assert.equal(trace.durationUs, 5000 + total("prefill") + total("decode") + total("sample"));
    assert.equal(timings.ttft_ms, (5000 + total("prefill") + 7) / 1000);
    // 51 choices, the end token among them, 117 µs apart.
    assert.equal(timings.tokens_per_second, 1e6 / 117);
  });

  it("waits in the queue when another has the only place, and its trace says how long", async () => {
    await using it = await startMemoryGateway({ models: { count: { source: "fake:count?tokenUs=10", parallel: 1, context: 1_000_000 } } });
    const first = it.client.stream("chatCompletions", { body: { model: "count", messages: [user("go")], stream: true } });
    await first.next();
    const second = it.client.call("chatCompletions", { body: { model: "count", messages: [user("go")], max_tokens: 3 } });
    await eventually("the second to wait", async () => it.gateway.router.find("count").queue.queued === 1);
    it.clock.advance(1234);
    await first.return(undefined);
    const { timings } = await second;
    const { spans } = await it.client.call("trace", { params: { id: timings.trace_id } });
    assert.ok(spans.find(({ name }) => name === "queue")!.durationUs >= 1234);
    assert.equal(it.hosts.length, 1);
  });
});

describe("a model whose configuration changes while requests run and wait", () => {
  it("answers them as they were asked, and leaves no process behind", async () => {
    const count = { source: "fake:count", parallel: 1, context: 1_000_000 };
    await using it = await startMemoryGateway({ models: { count } });
    const running = it.client.stream("chatCompletions", { body: { model: "count", messages: [user("go")], stream: true } });
    await running.next();
    const waiting = it.client.call("chatCompletions", { body: { model: "count", messages: [user("go")], max_tokens: 3 } });
    const before = it.gateway.router.find("count");
    await eventually("the second to wait", async () => before.queue.queued === 1);
    it.configure({ count: { ...count, batch: 64 } });
    assert.notEqual(it.gateway.router.find("count"), before);
    await running.return(undefined);
    assert.equal((await waiting).usage.completion_tokens, 3);
    await eventually("the old process to end", async () => before.status().state === "unloaded");
    assert.equal(it.hosts.length, 1);
    assert.equal(it.gateway.router.busy, false);
  });

  it("is measured no more when it is gone", async () => {
    await using it = await startMemoryGateway({ models: { echo: { source: "fake:echo" } } });
    assert.match(await it.client.call("metrics"), /^inferno_requests_queued\{model="echo"\} 0$/m);
    it.configure({});
    assert.doesNotMatch(await it.client.call("metrics"), /^inferno_requests_\w+\{model="echo"\}/m);
  });
});

describe("a host that keeps dying", () => {
  it("is started with growing pauses, only on demand after the third, and told of in each answer", async () => {
    await using it = await startMemoryGateway({ models: { count: { source: "fake:count" } } });
    for (let crash = 1; crash <= 5; crash += 1) {
      const chunks = it.client.stream("chatCompletions", { body: { model: "count", messages: [user("go")], stream: true } });
      await chunks.next();
      it.hosts.at(-1)!.die();
      const error = await (async () => { for await (const _ of chunks); })().then(() => null, (thrown: unknown) => thrown);
      assert.ok(error instanceof InfernoError);
      assert.equal(error.code, "model_host_crashed");
      // What the process wrote may quote the request of somebody else.
      assert.match(error.message, /process of model "count"/);
      assert.doesNotMatch(error.message, /the last line/);
    }
    assert.deepEqual(it.pauses, [0, 0, 500, 1000, 2000]);
    assert.equal(it.hosts.length, 5);
  });
});

describe("an engine that fails in the middle of a stream", () => {
  it("is told of in the log as well", async () => {
    await using it = await startMemoryGateway({ models: { count: { source: "fake:count?failAtStep=3" } } });
    const chunks = it.client.stream("chatCompletions", { body: { model: "count", messages: [user("go")], stream: true } });
    await assert.rejects(async () => { for await (const _ of chunks); }, { code: "decode_failed" });
    assert.deepEqual(it.errors.map((error) => error instanceof InfernoError && error.code), ["decode_failed"]);
  });
});

describe("a client that leaves before its request is whole", () => {
  it("is no failure of the daemon", async () => {
    await using it = await startMemoryGateway({ models: {} });
    const { host, hostname, port } = new URL(it.client.url);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer token\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`;
    const { promise: left, resolve: leave } = Promise.withResolvers<undefined>();
    const socket = connect(Number(port), hostname);
    it.gateway.http.server.once("request", (request) => {
      request.once("close", () => setImmediate(() => leave(undefined)));
      setImmediate(() => socket.destroy());
    });
    socket.write(`${head}{"model`);
    await left;
    assert.deepEqual(it.errors, []);
  });
});

describe("a store that is locked, or on a full disk", () => {
  it("costs no answer, and the trace can be read until the failure is known", async () => {
    const failed = new InfernoError("store_failed", "disk I/O error");
    const { promise, reject } = Promise.withResolvers<undefined>();
    const store: TraceStore = { save: () => promise, list: () => [], get: () => null, recording: () => null, close: () => {} };
    await using it = await startMemoryGateway({ models: { echo: { source: "fake:echo" } }, store });
    const { timings, choices: [choice] } = await ask(it, "echo", "hello");
    assert.equal(choice?.message.content, "hello");
    assert.equal((await it.client.call("trace", { params: { id: timings.trace_id } })).status, "ok");
    reject(failed);
    await it.gateway.traces.flush();
    assert.deepEqual(it.errors, [failed]);
    assert.equal((await ask(it, "echo", "again")).choices[0]?.message.content, "again");
  });
});
