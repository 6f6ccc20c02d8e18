import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../../protocol/client/index.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { FromPlayground, ToPlayground } from "../../../protocol/panels/playground.ts";
import { PlaygroundSession } from "../../../protocol/panels/playground-session.ts";

const head = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m" };
const token = (content: string) => ({ ...head, choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }] });
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, prompt_tokens_details: { cached_tokens: 1 } };
const timings = {
  trace_id: "t1", ttft_ms: 1, prompt_ms: 1, predicted_ms: 1, tokens_per_second: 1000, cached_tokens: 1, truncated_tokens: 0, drafted_tokens: 4, accepted_tokens: 2,
};
const last = { ...head, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "length" }], usage, timings };
const send: FromPlayground = { type: "send", id: 7, model: "m", turns: [{ role: "user", content: "hi" }], sampling: { temperature: 0 } };

function sessionOf(answer: (init: RequestInit) => Response | Promise<Response>) {
  const posted: ToPlayground[] = [];
  const fetch = (url: string | URL | Request, init: RequestInit = {}) =>
    Promise.resolve(init.method === "POST" ? answer(init) : Response.json({ models: [] })).then((response) => { assert.ok(url); return response; });
  const client = new Client({ url: "http://127.0.0.1:1", token: "", fetch });
  const session = new PlaygroundSession({ client: () => Promise.resolve(client), post: (message) => posted.push(message), openTokens: () => {}, openTrace: () => undefined });
  return { session, posted };
}
const events = (...values: unknown[]) => new Response([...values.map((value) => `data: ${JSON.stringify(value)}\n\n`), "data: [DONE]\n\n"].join(""));

test("an answer becomes text messages and one end", async () => {
  const { session, posted } = sessionOf(() => events(token("4"), token("2"), last));
  await session.receive(send);
  assert.deepEqual(posted, [
    { type: "text", id: 7, text: "4" },
    { type: "text", id: 7, text: "2" },
    { type: "finished", id: 7, reason: "length", usage, timings },
    { type: "models", models: [] },
  ]);
});

test("a daemon's error reaches the panel with its hint", async () => {
  const error = new InfernoError("model_not_found", "No model `m`.");
  const { session, posted } = sessionOf(() => Response.json(error.toBody(), { status: 404 }));
  await session.receive(send);
  assert.deepEqual(posted[0], { type: "failed", id: 7, error: error.toBody() });
});

test("stop and a closed panel end the request", async () => {
  for (const end of [(s: PlaygroundSession) => s.receive({ type: "stop", id: 7 }), async (s: PlaygroundSession) => s.dispose()]) {
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => { started = resolve; });
    const { session, posted } = sessionOf((init) => new Promise((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      started();
    }));
    const sending = session.receive(send);
    await running;
    await end(session);
    await sending;
    assert.equal(posted[0]?.type === "failed" && posted[0].error.error.code, "request_cancelled");
  }
});
