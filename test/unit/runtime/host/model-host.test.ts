import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FinishReason } from "../../../../protocol/api/openai.ts";
import type { GenerationEvent } from "../../../../runtime/host/messages.ts";
import { greedy, textOf, withHost } from "./harness.ts";

const user = (content: string) => ({ kind: "messages", messages: [{ role: "user", content }], tools: [] }) as const;

/** The request ended, and its one answer did so for this reason. */
function assertEnded({ events }: { readonly events: readonly GenerationEvent[] }, reason: FinishReason, tokens?: number): void {
  assert.equal(events.at(-1)?.type, "end");
  const finish = events.at(-2);
  assert.ok(finish?.type === "finish");
  assert.equal(finish.reason, reason);
  if (tokens !== undefined) assert.equal(finish.tokens, tokens);
}

describe("one request", () => {
  test("says the prompt, its start, then text token by token, how it finished, then the end", () => withHost("fake:echo", {}, async (host) => {
    const answered = await host.answer("a", { prompt: user("one two three") });
    const { events } = answered;
    assert.deepEqual(events.map((event) => event.type), ["prompt", "start", "text", "text", "text", "finish", "end"]);
    const [prompt, ...rest] = events;
    assert.ok(prompt?.type === "prompt");
    assert.equal(prompt.text, "<|im_start|>user\none two three<|im_end|>\n<|im_start|>assistant\n");
    assert.deepEqual(rest.map((event) => (event.type === "text" ? event.text : "")), ["", "one", " two", " three", "", ""]);
    assertEnded(answered, "stop", 3);
  }));

  test("a prompt longer than the batch is prefilled in chunks", () => withHost("fake:say?text=yes&vocabulary=bytes", { batch: 8 }, async (host) => {
    const { text, spans } = await host.answer("a", { prompt: { kind: "text", text: "x".repeat(20) } });
    assert.equal(text, "yes");
    const chunks = spans.filter((span) => span.name === "prefill").map((span) => span.attributes);
    assert.deepEqual(chunks, [{ tokens: 8, batch: 1, position: 0 }, { tokens: 8, batch: 1, position: 8 }, { tokens: 4, batch: 1, position: 16 }]);
  }));

  test("max tokens end it with the reason length", () => withHost("fake:count", {}, async (host) => {
    const answered = await host.answer("a", { maxTokens: 3 });
    assert.equal(answered.text, "1 2 3");
    assertEnded(answered, "length", 3);
  }));

  test("a last token that is half a character is shown as U+FFFD", () => withHost("fake:say?text=€&vocabulary=bytes", {}, async (host) => {
    assert.equal((await host.answer("a", { maxTokens: 2 })).text, "\ufffd");
    assert.equal((await host.answer("b", { maxTokens: 3 })).text, "€");
  }));

  test("a stop string ends it and is not shown", () => withHost("fake:say?text=one+two+three&vocabulary=bytes", {}, async (host) => {
    const answered = await host.answer("a", { stop: ["o th", "zzz"] });
    assert.equal(answered.text, "one tw");
    assertEnded(answered, "stop");
  }));

  test("logprobs only when asked for", () => withHost("fake:say?text=a", {}, async (host) => {
    const without = (await host.answer("a")).events.find((event) => event.type === "text");
    assert.deepEqual(without?.tokens.map((token) => Object.keys(token)), [["id", "bytes"]]);
    const withTop = (await host.answer("b", { params: { ...greedy, topLogprobs: 2 } })).events.find((event) => event.type === "text");
    const [token] = withTop!.tokens;
    assert.equal(token?.logprob, Math.log(0.5));
    assert.deepEqual(token.top?.map((other) => new TextDecoder().decode(other.bytes)), ["a", "one"]);
  }));

  test("seeds decide, unless sampling is greedy", () => withHost("fake:random", {}, async (host) => {
    const answer = async (id: string, temperature: number, seed: number) => (await host.answer(id, { params: { ...greedy, temperature, seed } })).text;
    assert.equal(await answer("a", 1, 5), await answer("b", 1, 5));
    assert.notEqual(await answer("c", 1, 5), await answer("d", 1, 6));
    assert.equal(await answer("e", 0, 5), await answer("f", 0, 6));
  }));
});

describe("the context", () => {
  const letters = (count: number) => ({ kind: "text", text: "x".repeat(count) }) as const;

  test("prompt and answer together fit", () => withHost("fake:count?vocabulary=bytes", { context: 10 }, async (host) => {
    assertEnded(await host.answer("a", { prompt: letters(7), maxTokens: 100 }), "length", 3);
  }));

  for (const count of [10, 11]) {
    test(`a prompt of ${count} tokens leaves no room in 10`, () => withHost("fake:count?vocabulary=bytes", { context: 10 }, async (host) => {
      const { last, events } = await host.answer("a", { prompt: letters(count) });
      assert.equal(events.length, 1);
      assert.ok(last.type === "failed" && last.error.error.code === "context_length_exceeded" && last.error.error.param === "prompt");
      assert.match(last.error.error.message, new RegExp(`has ${count} tokens; .* holds 10`));
    }));
  }

  test("an empty prompt is refused", () => withHost("fake:echo", {}, async (host) => {
    const { last } = await host.answer("a", { prompt: { kind: "text", text: "" } });
    assert.ok(last.type === "failed" && last.error.error.code === "invalid_request");
  }));

  test("messages need a chat template", () => withHost("fake:echo?template=none", {}, async (host) => {
    const { last } = await host.answer("a", { prompt: user("hi") });
    assert.ok(last.type === "failed" && last.error.error.code === "template_missing" && last.error.error.param === "messages");
    assert.equal((await host.answer("b")).text, "one two three");
  }));
});

describe("several requests", () => {
  test("run in one batch, token about token", () => withHost("fake:count", {}, async (host) => {
    for (const id of ["a", "b", "c"]) host.send(id, { maxTokens: 3 });
    const all = await Promise.all(["a", "b", "c"].map((id) => host.answered(id)));
    for (const { text, spans } of all) {
      assert.equal(text, "1 2 3");
      assert.deepEqual(spans.filter((span) => span.name === "decode").map((span) => span.attributes?.["batch"]), [3, 3]);
    }
    const texts = host.said.flatMap((message) => (message.type === "events" ? message.events.flatMap(([id, event]) => (event.type === "text" ? [id] : [])) : []));
    assert.deepEqual(texts.join(""), "abcabcabc");
  }));

  test("more than there are sequences wait, first come, first served", () => withHost("fake:count?tokenUs=10", { parallel: 1 }, async (host) => {
    for (const id of ["a", "b", "c"]) host.send(id, { maxTokens: 2 });
    const [a, b, c] = await Promise.all(["a", "b", "c"].map((id) => host.answered(id)));
    const ended = (it: typeof a) => (it!.last.type === "end" ? it!.last.endUs : 0);
    assert.ok(ended(a) < ended(b) && ended(b) < ended(c));
    assert.ok(!a!.spans.some((span) => span.name === "queue"));
    assert.deepEqual(b!.spans.filter((span) => span.name === "queue").map((span) => span.endUs), [ended(a)]);
    assert.deepEqual(c!.spans.filter((span) => span.name === "queue").map((span) => span.endUs), [ended(b)]);
  }));

  test("a long prompt does not stop an answer in work", () => withHost("fake:count", { batch: 16 }, async (host) => {
    host.send("a", { maxTokens: 30 });
    host.onEvent("a", (event) => {
      if (textOf([event]) === " 5") host.send("b", { prompt: { kind: "text", text: "w ".repeat(60) }, maxTokens: 1 });
    });
    const [a, b] = await Promise.all([host.answered("a"), host.answered("b")]);
    assert.deepEqual(b.spans.filter((span) => span.name === "prefill").map((span) => span.attributes?.["tokens"]), [15, 15, 15, 15, 1]);
    assert.equal(a.spans.filter((span) => span.name === "decode" && span.attributes?.["batch"] === 2).length, 5);
  }));

  test("nobody starves among many with few sequences", () => withHost("fake:echo", { parallel: 3, batch: 8 }, async (host) => {
    const ids = Array.from({ length: 30 }, (_, index) => `r${index}`);
    for (const [index, id] of ids.entries()) host.send(id, { prompt: { kind: "text", text: `w${index} `.repeat(1 + (index % 7)).trim() } });
    for (const [index, id] of ids.entries()) assert.equal((await host.answered(id)).text, `w${index} `.repeat(1 + (index % 7)).trim());
  }));
});
