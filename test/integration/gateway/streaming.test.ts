import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { leafSumTolerance, spanTable, type Span, type SpanName, type Trace } from "../../../protocol/trace.ts";
import { startTestDaemon, user, type TestDaemon } from "../../drivers/test-daemon.ts";

let gateway: TestDaemon;
before(async () => {
  gateway = await startTestDaemon({
    yaml: {
      models: {
        echo: { source: "fake:echo", sampling: { max_tokens: 50 } },
        bytes: { source: "fake:echo?vocabulary=bytes" },
        random: { source: "fake:random" },
        slow: { source: "fake:say?text=one%20two%20three%20four&tokenUs=3000" },
        fails: { source: "fake:count?failAtStep=4" },
      },
    },
  });
});
after(async () => await gateway[Symbol.asyncDispose]());

async function chunksOf(body: object) {
  const chunks = [];
  for await (const chunk of gateway.client.stream("chatCompletions", { body: { model: "echo", messages: [user("one two three")], stream: true, ...body } })) chunks.push(chunk);
  return chunks;
}

describe("chat completions", () => {
  it("stream a role, the text in pieces, the reason, and `[DONE]`", async () => {
    const chunks = await chunksOf({});
    assert.deepEqual(chunks[0]?.choices[0]?.delta, { role: "assistant", content: "" });
    assert.deepEqual(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").filter((text) => text !== ""), ["one", " two", " three"]);
    assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, "stop");
    assert.ok((chunks.at(-1)?.timings?.ttft_ms ?? 0) > 0);
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
    assert.ok(chunks.every(({ usage }) => usage === undefined));
  });

  it("end with `usage` when it was asked for", async () => {
    const last = (await chunksOf({ stream_options: { include_usage: true } })).at(-1);
    assert.deepEqual(last?.choices, []);
    assert.equal(last.usage?.completion_tokens, 3);
    assert.equal(last.usage.total_tokens, last.usage.prompt_tokens + 3);
  });

  it("say the same in one piece", async () => {
    const answer = await gateway.client.call("chatCompletions", { body: { model: "echo", messages: [user("one two three")] } });
    assert.deepEqual(answer.choices[0]?.message, { role: "assistant", content: "one two three", refusal: null });
    assert.equal(answer.choices[0].finish_reason, "stop");
    assert.equal(answer.usage.completion_tokens, 3);
  });

  it("stop at a stop text, which is not shown, and at max_tokens", async () => {
    const ask = async (more: object) => (await gateway.client.call("chatCompletions", { body: { model: "echo", messages: [user("one two three")], ...more } })).choices[0];
    const stopped = await ask({ stop: [" thr"] });
    assert.deepEqual([stopped?.message.content, stopped?.finish_reason], ["one two", "stop"]);
    const cut = await ask({ max_tokens: 2 });
    assert.deepEqual([cut?.message.content, cut?.finish_reason], ["one two", "length"]);
    const newer = await ask({ max_tokens: 3, max_completion_tokens: 1 });
    assert.equal(newer?.message.content, "one");
  });

  it("give the same answer to the same seed", async () => {
    const ask = async (seed: number) => (await gateway.client.call("chatCompletions", { body: { model: "random", seed, messages: [user("tell")] } })).choices[0]?.message.content;
    assert.equal(await ask(7), await ask(7));
    assert.notEqual(await ask(7), await ask(8));
  });

  it("keep characters whole whose bytes come in several tokens", async () => {
    const chunks = await chunksOf({ model: "bytes", messages: [user("zoë 🔥")] });
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""), "zoë 🔥");
    assert.ok(chunks.every((chunk) => !(chunk.choices[0]?.delta.content ?? "").includes("\ufffd")));
  });

  it("report log probabilities with bytes, streamed and not", async () => {
    const asked = { logprobs: true, top_logprobs: 2, messages: [user("one two")] };
    const whole = await gateway.client.call("chatCompletions", { body: { model: "echo", ...asked } });
    const tokens = whole.choices[0]?.logprobs?.content ?? [];
    assert.deepEqual(tokens.map(({ token }) => token), ["one", " two"]);
    for (const { token, bytes, logprob, top_logprobs: top } of tokens) {
      assert.deepEqual(bytes, [...Buffer.from(token)]);
      assert.ok(logprob <= 0);
      assert.equal(top.length, 2);
      assert.ok(top[0]!.logprob >= top[1]!.logprob);
    }
    const streamed = (await chunksOf(asked)).flatMap((chunk) => chunk.choices[0]?.logprobs?.content ?? []);
    assert.deepEqual(streamed, tokens);
  });

  it("report an engine's failure in mid-stream as the last event; the next request works", async () => {
    const failed = await gateway.send("/v1/chat/completions", { body: { model: "fails", stream: true, messages: [user("go on")] } });
    assert.equal(failed.status, 200);
    assert.match(failed.text, /"content":"1"[^]*data: \{"error":\{"code":"decode_failed","message":"[^\n]+\n\n$/);
    const { text } = await gateway.send("/v1/chat/completions", { body: { model: "fails", stream: true, max_tokens: 3, messages: [user("go on")] } });
    assert.match(text, /data: \[DONE\]\n\n$/);
  });
});

describe("completions", () => {
  it("continue a text, at most 16 tokens unless told otherwise", async () => {
    const answer = await gateway.client.call("completions", { body: { model: "bytes", prompt: "w".repeat(40) } });
    assert.deepEqual([answer.usage?.completion_tokens, answer.choices[0]?.finish_reason], [16, "length"]);
    assert.equal(answer.object, "text_completion");
  });

  it("have their own shape of log probabilities", async () => {
    const answer = await gateway.client.call("completions", { body: { model: "echo", prompt: ["one two"], logprobs: 1 } });
    const logprobs = answer.choices[0]?.logprobs;
    assert.deepEqual(logprobs?.tokens, ["one", " two"]);
    assert.deepEqual(logprobs.text_offset, [0, 3]);
    assert.deepEqual(logprobs.top_logprobs.map((top) => Object.keys(top)), [["one"], [" two"]]);
  });

  it("stream too", async () => {
    let text = "";
    for await (const chunk of gateway.client.stream("completions", { body: { model: "echo", prompt: "one two", stream: true } })) text += chunk.choices[0]?.text ?? "";
    assert.equal(text, "one two");
  });
});

/** Every span lies within its parent; the host's stages are under `prompt` and `generate`. */
function assertNested(root: Span, spans: readonly Span[]): void {
  const byId = new Map([root, ...spans].map((span) => [span.id, span]));
  for (const { name, parentId, startUs, durationUs } of spans) {
    const parent = byId.get(parentId ?? "");
    assert.ok(parent !== undefined && startUs >= parent.startUs && startUs + durationUs <= parent.startUs + parent.durationUs, `${name} lies outside ${parent?.name ?? "the trace"}`);
    if (name === "template" || name === "prefill") assert.equal(parent.name, "prompt");
    if (name === "sample" || name === "decode") assert.equal(parent.name, "generate");
  }
}

describe("traces", () => {
  async function traceOf(body: object): Promise<Trace> {
    const chunks = await chunksOf(body);
    return await gateway.client.call("trace", { params: { id: chunks.at(-1)?.timings?.trace_id ?? "" } });
  }

  it("hold every stage of a chat, and their leaves add up to the whole", async () => {
    for (const model of ["slow", "echo", "ember"]) {
      const trace = await traceOf({ model, max_tokens: 8 });
      assert.equal(trace.status, "ok");
      const names = new Set(trace.spans.map(({ name }) => name));
      for (const name of ["receive", "queue", "dispatch", "template", "tokenize", "prefill", "decode", "sample", "detokenize", "stream write", "return", "respond"]) {
        assert.ok(names.has(name), `${model}: ${name} is missing in ${[...names].join(", ")}`);
      }
      const [root, ...rest] = trace.spans;
      assert.equal(root?.parentId, null);
      assertNested(root, rest);
      const sum = rest.filter(({ name }) => spanTable[name as SpanName].kind === "leaf").reduce((total, { durationUs }) => total + durationUs, 0);
      const missed = Math.abs(sum - root.durationUs) / root.durationUs;
      assert.ok(missed <= leafSumTolerance, `${model}: leaves add up to ${sum} of ${root.durationUs} µs`);
      assert.ok(rest.every(({ startUs, durationUs }) => startUs >= 0 && startUs + durationUs <= root.durationUs));
    }
  });

  it("hold prompt, answer, parameters and engine", async () => {
    const trace = await traceOf({ temperature: 0.5, seed: 11 });
    assert.match(trace.prompt ?? "", /one two three/);
    assert.equal(trace.completion, "one two three");
    assert.equal(trace.parameters["temperature"], 0.5);
    assert.equal(trace.parameters["seed"], 11);
    assert.equal(trace.parameters["maxTokens"], 50);
    assert.equal(trace.engine?.name, "fake");
  });

  it("are named in a header, listed newest first, and tell of failures", async () => {
    const failed = await gateway.send("/v1/chat/completions", { body: { model: "echo", messages: [user("word ".repeat(9000))] } });
    const id = failed.headers.get("x-inferno-trace-id");
    const { traces } = await gateway.client.call("traces", { query: { limit: 1 } });
    assert.deepEqual(traces.map((trace) => [trace.id, trace.status, trace.errorCode]), [[id, "error", "context_length_exceeded"]]);
  });
});

describe("/metrics", () => {
  it("counts requests and tokens and measures their times", async () => {
    await chunksOf({ model: "slow" });
    const text = await gateway.client.call("metrics");
    for (const line of [
      /^inferno_requests_total\{model="slow",route="\/v1\/chat\/completions",status="ok"\} [1-9]/m,
      /^inferno_tokens_total\{model="slow",type="output"\} [1-9]/m,
      /^gen_ai_server_time_to_first_token_seconds_count\{model="slow"\} [1-9]/m,
      /^gen_ai_server_time_per_output_token_seconds_count\{model="slow"\} [1-9]/m,
      /^inferno_requests_queued\{model="slow"\} 0/m,
      /^nodejs_eventloop_lag_seconds /m,
    ]) assert.match(text, line);
  });
});
