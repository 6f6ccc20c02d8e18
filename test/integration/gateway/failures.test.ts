import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { InfernoError } from "../../../protocol/errors.ts";
import type { ModelStatus } from "../../../protocol/api/inferno.ts";
import { eventually } from "../../drivers/eventually.ts";
import { startTestDaemon, user, type TestDaemon } from "../../drivers/test-daemon.ts";

const endless = { source: "fake:count?tokenUs=500", context: 1_000_000 };

async function statusOf({ client }: TestDaemon, name: string): Promise<ModelStatus> {
  const { models } = await client.call("models");
  return models.find((model) => model.name === name)!;
}

const stream = ({ client }: TestDaemon, model: string, signal?: AbortSignal) =>
  client.stream("chatCompletions", { body: { model, messages: [user("count")], stream: true } }, { signal });

/** The text of a stream, until `enough` says so or it ends; then leaves it. */
async function read(chunks: ReturnType<typeof stream>, enough: (text: string) => boolean = () => false): Promise<string> {
  let text = "";
  for await (const chunk of chunks) {
    text += chunk.choices[0]?.delta.content ?? "";
    if (enough(text)) break;
  }
  return text;
}

/** How a promise that must fail failed. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => assert.fail("should have failed"), (thrown: unknown) => thrown);
  assert.ok(error instanceof InfernoError, String(error));
  return error.code;
}

async function spansOfLatest({ client }: TestDaemon) {
  const { traces: [latest] } = await client.call("traces", { query: { limit: 1 } });
  return await client.call("trace", { params: { id: latest!.id } });
}

describe("a client that leaves in mid-stream", () => {
  it("ends its generation within one step, and its place is free for the next", async () => {
    await using gateway = await startTestDaemon({ yaml: { models: { count: { ...endless, parallel: 1 } } } });
    await read(stream(gateway, "count"), (text) => text.includes(" 5"));
    await eventually("the place to be free", async () => (await statusOf(gateway, "count")).running === 0);

    const trace = await eventually("the trace", async () => {
      const latest = await spansOfLatest(gateway);
      return latest.status !== "running" && latest;
    });
    assert.deepEqual([trace.status, trace.errorCode], ["cancelled", "request_cancelled"]);
    assert.match(trace.completion ?? "", /^1 2 3 4 5/);
    // The host says itself when it stopped; from there on nothing was decoded.
    const returned = trace.spans.find(({ name }) => name === "return");
    assert.ok(returned);
    assert.ok(trace.spans.filter(({ name }) => name === "decode").every(({ startUs, durationUs }) => startUs + durationUs <= returned.startUs));

    // With one place, this would wait for ever if the first had kept it.
    assert.match(await read(stream(gateway, "count"), (text) => text.includes(" 3")), /^1 2/);
  });

  it("also while it waits in the queue, which it leaves at once", async () => {
    await using gateway = await startTestDaemon({ yaml: { models: { count: { ...endless, parallel: 1 } } } });
    const first = new AbortController();
    const running = codeOf(read(stream(gateway, "count", first.signal)));
    await eventually("the first to run", async () => (await statusOf(gateway, "count")).running === 1);
    const second = new AbortController();
    const waiting = codeOf(read(stream(gateway, "count", second.signal)));
    await eventually("the second to wait", async () => (await statusOf(gateway, "count")).queued === 1);
    second.abort();
    assert.equal(await waiting, "request_cancelled");
    await eventually("an empty queue", async () => (await statusOf(gateway, "count")).queued === 0);
    assert.equal((await statusOf(gateway, "count")).running, 1);
    first.abort();
    assert.equal(await running, "request_cancelled");
  });
});

describe("a client that never reads", () => {
  // Words so large that some of them fill every buffer on the way.
  const words = Array.from({ length: 220 }, () => "x".repeat(60_000));
  const models = { echo: { source: "fake:echo", context: 1_000_000, parallel: 2 } };

  it("pauses its own generation and nobody else's", async () => {
    await using gateway = await startTestDaemon({ yaml: { models } });
    const response = await openWithoutReading(gateway, "echo", words.join(" "));
    const progress = async () => (await gateway.client.call("traces")).traces.find(({ status }) => status === "running")?.completionTokens ?? 0;
    await eventually("the generation to pause", async () => {
      const before = await progress();
      // Another request's whole life in between: enough time for a step of the first, had it not been paused.
      const other = await gateway.client.call("chatCompletions", { body: { model: "echo", messages: [user("a b c")] } });
      assert.equal(other.choices[0]?.message.content, "a b c");
      return before > 0 && (await progress()) === before;
    });
    assert.ok((await progress()) < words.length);
    response.resume();
    await once(response, "end");
    await eventually("the rest", async () => (await statusOf(gateway, "echo")).running === 0);
    const whole = (await gateway.client.call("traces")).traces.find(({ completionTokens }) => completionTokens === words.length);
    assert.equal(whole?.status, "ok");
  });

  it("is disconnected in the end, for it holds a place", async () => {
    await using gateway = await startTestDaemon({ stallMs: 50, yaml: { models } });
    await openWithoutReading(gateway, "echo", words.join(" "));
    await eventually("its place to be free", async () => (await statusOf(gateway, "echo")).running === 0);
    const { traces: [trace] } = await gateway.client.call("traces");
    assert.equal(trace?.status, "cancelled");
  });
});

function openWithoutReading({ daemon }: TestDaemon, model: string, text: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${daemon.token}`, "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    request(`${daemon.url}/v1/chat/completions`, { method: "POST", headers, agent: false }, (response) => {
      response.on("error", () => {}).pause();
      resolve(response);
    }).on("error", reject).end(JSON.stringify({ model, messages: [user(text)], stream: true }));
  });
}

describe("a model host killed with SIGKILL in mid-stream", () => {
  it("fails its own request with a typed event; others go on, it is started again, the daemon stays", async () => {
    await using gateway = await startTestDaemon({ yaml: { models: { count: endless, other: { ...endless } } } });
    const { pid: daemonPid } = await gateway.client.call("health");
    const other = stream(gateway, "other");
    await other.next();

    const chunks = stream(gateway, "count");
    const texts = [await chunks.next(), await chunks.next()];
    assert.equal(texts.length, 2);
    const { pid } = await statusOf(gateway, "count");
    assert.ok(pid !== null);
    process.kill(pid, "SIGKILL");
    const error = await read(chunks).then(() => null, (thrown: unknown) => thrown);
    assert.ok(error instanceof InfernoError);
    assert.deepEqual([error.code, error.retry], ["model_host_crashed", "same"]);
    assert.match(error.message, /"count".*SIGKILL/);

    assert.match(await read(other, (text) => text.includes(" 9")), / 9$/);
    const again = await eventually("the host's restart", async () => {
      const status = await statusOf(gateway, "count");
      return status.state === "ready" && status;
    });
    assert.notEqual(again.pid, pid);
    assert.match(await read(stream(gateway, "count"), (text) => text.includes(" 3")), /^1 2 3/);
    assert.equal((await gateway.client.call("health")).pid, daemonPid);
    assert.match(await gateway.client.call("metrics"), /^inferno_host_restarts_total\{model="count"\} 1$/m);
    const failed = (await gateway.client.call("traces")).traces.find(({ status }) => status === "error");
    assert.equal(failed?.errorCode, "model_host_crashed");
  });

  it("requests that wait in its queue are answered by the next one", async () => {
    await using gateway = await startTestDaemon({ yaml: { models: { count: { ...endless, parallel: 1 } } } });
    const chunks = stream(gateway, "count");
    await chunks.next();
    const waiting = read(stream(gateway, "count"), (text) => text.includes(" 3"));
    await eventually("one to wait", async () => (await statusOf(gateway, "count")).queued === 1);
    process.kill((await statusOf(gateway, "count")).pid!, "SIGKILL");
    assert.equal(await codeOf(read(chunks)), "model_host_crashed");
    assert.match(await waiting, /^1 2 3/);
  });
});

describe("the queue", () => {
  it("answers 429 with Retry-After when it is full", async () => {
    await using gateway = await startTestDaemon({ yaml: { models: { count: { ...endless, parallel: 1 } }, server: { queue: 1 } } });
    const abort = new AbortController();
    const running = codeOf(read(stream(gateway, "count", abort.signal)));
    await eventually("one to run", async () => (await statusOf(gateway, "count")).running === 1);
    const waiting = codeOf(read(stream(gateway, "count", abort.signal)));
    await eventually("one to wait", async () => (await statusOf(gateway, "count")).queued === 1);
    const refused = await gateway.send("/v1/chat/completions", { body: { model: "count", messages: [user("a")] } });
    assert.deepEqual([refused.status, refused.error.code, refused.error.type], [429, "queue_full", "rate_limit_error"]);
    assert.match(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    abort.abort();
    assert.deepEqual(await Promise.all([running, waiting]), ["request_cancelled", "request_cancelled"]);
  });
});

describe("loading", () => {
  it("is shared by all who ask, and bridged by heartbeats", async () => {
    await using gateway = await startTestDaemon({ heartbeatMs: 10, yaml: { models: { late: { source: "fake:echo?loadUs=300000" } } } });
    const ask = () => gateway.send("/v1/chat/completions", { body: { model: "late", messages: [user("hi")], stream: true } });
    const [one, two] = await Promise.all([ask(), ask()]);
    for (const { text } of [one, two]) assert.match(text, /^: still here\n\n[^]*"content":"hi"[^]*data: \[DONE\]\n\n$/);
    assert.equal((await gateway.client.call("models")).models.filter(({ pid }) => pid !== null).length, 1);
  });

  it("that fails after a heartbeat is told as an event", async () => {
    await using gateway = await startTestDaemon({ heartbeatMs: 1, yaml: { models: { bad: { source: "fake:echo?loadError=no%20room" } } } });
    const { status, text } = await gateway.send("/v1/chat/completions", { body: { model: "bad", messages: [user("hi")], stream: true } });
    assert.equal(status, 200);
    assert.match(text, /data: \{"error":\{"code":"model_load_failed","message":"[^"]*no room/);
    const bad = await statusOf(gateway, "bad");
    assert.deepEqual([bad.state, bad.error?.code, bad.pid], ["failed", "model_load_failed", null]);
  });

  it("and unloading are done on request: the process ends after its requests", async () => {
    await using gateway = await startTestDaemon({ yaml: { models: { echo: { source: "fake:say?text=a%20b%20c%20d%20e&tokenUs=20000" } } } });
    const loaded = await gateway.client.call("loadModel", { body: { model: "echo" } });
    assert.equal(loaded.state, "ready");
    const chunks = stream(gateway, "echo");
    await chunks.next();
    const [text, unloaded] = await Promise.all([read(chunks), gateway.client.call("unloadModel", { body: { model: "echo" } })]);
    assert.equal(text, "a b c d e");
    assert.deepEqual([unloaded.state, unloaded.pid], ["unloaded", null]);
    assert.throws(() => process.kill(loaded.pid!, 0), { code: "ESRCH" });
    assert.equal(await read(stream(gateway, "echo")), "a b c d e");
  });
});
