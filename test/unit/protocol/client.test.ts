import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Client } from "../../../protocol/client/index.ts";
import { InfernoError } from "../../../protocol/errors.ts";

const chunk = (content: string) => ({
  id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m",
  choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }],
});
const body = { model: "m", messages: [{ role: "user" as const, content: "hi" }], stream: true };

/** A client whose server answers with these bytes, cut into the given pieces. */
function clientOf(pieces: readonly Uint8Array[], init: ResponseInit = {}): { client: Client; requests: Request[] } {
  const requests: Request[] = [];
  const fetch = (input: string | URL | Request, options?: RequestInit) => {
    requests.push(new Request(input, options));
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
    return Promise.resolve(new Response(stream, init));
  };
  return { client: new Client({ url: "http://127.0.0.1:1", token: "secret", fetch }), requests };
}
const bytes = (text: string) => new TextEncoder().encode(text);

async function textOf(client: Client): Promise<string> {
  let text = "";
  for await (const event of client.stream("chatCompletions", { body })) text += event.choices[0]?.delta.content ?? "";
  return text;
}

test("events are the same however the bytes are cut", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.string({ unit: "binary" }), { maxLength: 5 }), fc.array(fc.nat(400)), async (texts, cuts) => {
    const whole = bytes(`: heartbeat\n\n${texts.map((text) => `data: ${JSON.stringify(chunk(text))}\n\n`).join("")}data: [DONE]\n\n`);
    const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
    const pieces = places.slice(1).map((end, i) => whole.slice(places[i], end));
    // JSON.stringify escapes lone surrogates, so the text that comes back is the text that went in.
    assert.equal(await textOf(clientOf(pieces).client), texts.join(""));
  }));
});

test("a call sends the token and checks the answer", async () => {
  const answer = { status: "ok", version: "1", pid: 1, uptimeSeconds: 1 };
  const { client, requests } = clientOf([bytes(JSON.stringify(answer))]);
  assert.deepEqual(await client.call("health"), answer);
  assert.equal(requests[0]?.headers.get("authorization"), "Bearer secret");
});

test("paths and queries are encoded", async () => {
  const { client, requests } = clientOf([bytes('{"traces":[]}')]);
  await client.call("traces", { query: { limit: 3 } });
  await assert.rejects(client.call("trace", { params: { id: "a/b c" } }), { code: "bad_response" });
  assert.deepEqual(requests.map((request) => request.url), ["http://127.0.0.1:1/api/v1/traces?limit=3", "http://127.0.0.1:1/api/v1/traces/a%2Fb%20c"]);
});

test("a typed error event ends the stream with what had arrived", async () => {
  const error = new InfernoError("model_host_crashed", "The process died.");
  const { client } = clientOf([bytes(`data: ${JSON.stringify(chunk("par"))}\n\ndata: ${JSON.stringify(error.toBody())}\n\n`)]);
  const options = { textOf: () => "par" };
  const read = async () => {
    for await (const event of client.stream("chatCompletions", { body }, options)) assert.equal(event.model, "m");
  };
  await assert.rejects(read(), { code: "model_host_crashed", partial: "par", retry: "same" });
});

test("a stream without [DONE] was interrupted", async () => {
  const { client } = clientOf([bytes(`data: ${JSON.stringify(chunk("x"))}\n\n`)]);
  await assert.rejects(textOf(client), { code: "stream_interrupted" });
});

test("an event outside the contract is a bad response", async () => {
  const { client } = clientOf([bytes('data: {"choices":1}\n\n')]);
  await assert.rejects(textOf(client), { code: "bad_response" });
});

test("error statuses become the daemon's errors, with Retry-After", async () => {
  const error = new InfernoError("queue_full", "64 requests wait.");
  const { client } = clientOf([bytes(JSON.stringify(error.toBody()))], { status: 429, headers: { "retry-after": "7" } });
  await assert.rejects(client.call("models"), { code: "queue_full", retryAfter: 7, message: "64 requests wait." });
});

test("no daemon is a typed error", async () => {
  const client = new Client({ url: "http://127.0.0.1:1", token: "", fetch: () => Promise.reject(new TypeError("fetch failed")) });
  await assert.rejects(client.call("health"), { code: "daemon_unreachable" });
});

test("silence breaks the stream; an abort cancels it", async () => {
  const silent = () => Promise.resolve(new Response(new ReadableStream()));
  const client = new Client({ url: "http://127.0.0.1:1", token: "", fetch: silent });
  const read = async (options: { signal?: AbortSignal; silenceMs?: number }) => {
    for await (const event of client.stream("chatCompletions", { body }, options)) assert.fail(event.model);
  };
  await assert.rejects(read({ silenceMs: 1 }), { code: "stream_interrupted" });

  const abort = new AbortController();
  const aborting = new Client({
    url: "http://127.0.0.1:1", token: "",
    fetch: (_, init) => new Promise((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      abort.abort();
    }),
  });
  await assert.rejects(aborting.call("models", {}, { signal: abort.signal }), { code: "request_cancelled" });
});

test("a reader's own pause is no silence", async () => {
  const line = bytes(`data: ${JSON.stringify(chunk("a"))}\n\n`);
  const stream = () => new ReadableStream<Uint8Array>({
    // Always one more at hand, so that nothing is ever waited for.
    pull: (controller) => controller.enqueue(line),
  });
  const client = new Client({ url: "http://127.0.0.1:1", token: "", fetch: () => Promise.resolve(new Response(stream())) });
  let events = 0;
  for await (const _ of client.stream("chatCompletions", { body }, { silenceMs: 20 })) {
    events += 1;
    if (events === 1) await new Promise((resolve) => setTimeout(resolve, 60));
    if (events === 50) break;
  }
  assert.equal(events, 50);
});

test("an answer that breaks off in its middle is a typed error, as is one that is cancelled there", async () => {
  const half = (init: ResponseInit) => () => Promise.resolve(new Response(new ReadableStream({
    pull: (controller) => controller.error(new TypeError("terminated")),
  }), init));
  for (const status of [200, 500]) {
    const client = new Client({ url: "http://127.0.0.1:1", token: "", fetch: half({ status }) });
    await assert.rejects(client.call("models"), { name: "InfernoError", code: "stream_interrupted", message: /terminated/ });
    await assert.rejects(client.call("models", {}, { signal: AbortSignal.abort() }), { code: "request_cancelled" });
  }
});
