import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { TraceTokens } from "../../../../protocol/trace-tokens.ts";
import { pieceBytes } from "../../../../protocol/read-recording.ts";
import { brokenStore, openTraceStore } from "../../../../runtime/store/trace-store.ts";
import { eventually } from "../../../drivers/eventually.ts";
import { startMemoryGateway, type MemoryGateway } from "../../../drivers/memory-gateway.ts";
import { user } from "../../../drivers/test-daemon.ts";

const counting = { models: { m: { source: "fake:count?stepUs=100&tokenUs=10&sampleUs=3" } } };

async function ask({ client }: MemoryGateway, more: object = {}): Promise<string> {
  const { timings } = await client.call("chatCompletions", { body: { model: "m", messages: [user("go on")], max_tokens: 40, temperature: 0, ...more } });
  return timings.trace_id;
}

const tokensOf = async ({ client }: MemoryGateway, id: string, answer?: number): Promise<TraceTokens> =>
  await client.call("traceTokens", { params: { id }, query: answer === undefined ? {} : { answer } });

const textOf = (tokens: TraceTokens, ids: readonly number[] | null | undefined): string =>
  Buffer.concat((ids ?? []).map((id) => pieceBytes(tokens, id))).toString();

describe("what a trace says of each token", () => {
  it("has every token with its time, step, neighbours and cells, and the prompt's tokens", async () => {
    await using it = await startMemoryGateway(counting);
    const id = await ask(it);
    const trace = await it.client.call("trace", { params: { id } });
    const tokens = await tokensOf(it, id);
    const [answer] = tokens.answers;
    assert.ok(answer && trace.completion !== null);
    assert.deepEqual([tokens.recording, tokens.live, tokens.complete, trace.recording, trace.template], ["full", false, true, "full", "file"]);
    assert.equal(answer.ids?.length, 40);
    assert.equal(textOf(tokens, answer.ids), trace.completion);
    assert.equal(textOf(tokens, tokens.prompt?.ids), trace.prompt);
    assert.equal(tokens.prompt?.ids.length, trace.promptTokens);
    assert.equal(tokens.prompt.cached, 0);
    const samples = trace.spans.filter(({ name }) => name === "sample");
    assert.deepEqual(answer.timesUs, samples.map(({ startUs, durationUs }) => startUs + durationUs));
    assert.deepEqual(answer.steps, Array.from({ length: 40 }, (_, index) => (answer.steps[0] ?? 0) + index));
    assert.deepEqual(answer.cells, Array.from({ length: 40 }, (_, index) => trace.promptTokens + index));
    assert.deepEqual(new Set(answer.chosenBy), new Set(["greedy"]));
    assert.ok(answer.topIds?.every((top, index) => top[0] === answer.ids?.[index]));
    // The fake engine's: one half, then a quarter and so on.
    assert.ok(answer.logprobs.every((value) => Math.abs((value ?? 0) - Math.log(0.5)) < 1e-6));
  });

  it("shows neighbours: tokens of two requests with the same step had each other beside them", async () => {
    await using it = await startMemoryGateway(counting);
    const ids = await Promise.all([ask(it, { max_tokens: 20 }), ask(it, { max_tokens: 20 })]);
    const [a, b] = await Promise.all(ids.map(async (id) => (await tokensOf(it, id)).answers[0]));
    assert.ok(a && b);
    const together = a.steps.filter((step) => b.steps.includes(step));
    assert.ok(together.length > 10);
    for (const [index, step] of a.steps.entries()) {
      assert.equal(a.batch[index], together.includes(step) ? 2 : 1);
      assert.ok((a.poolCells[index] ?? 0) >= (a.cells[index] ?? 0));
    }
  });

  it("tells right guesses from corrected ones", async () => {
    await using it = await startMemoryGateway({
      models: { m: { source: "fake:echo?stepUs=1000", speculation: { mode: "ngram", max_tokens: 4, candidates: 1 } } },
    });
    const said = "red green blue red green blue red green blue red green lemon red green blue red green blue";
    const id = await ask(it, { messages: [user(said)] });
    const [answer] = (await tokensOf(it, id)).answers;
    const { speculation } = await it.client.call("trace", { params: { id } });
    assert.ok(answer && speculation && speculation.accepted > 0);
    // A guess of the end leaves nothing in the cache, and is not counted among those that were accepted.
    const counted = answer.guesses.at(-1) === "right" ? answer.guesses.slice(0, -1) : answer.guesses;
    assert.equal(counted.filter((guess) => guess === "right").length, speculation.accepted);
    assert.deepEqual(new Set(answer.guesses), new Set(["none", "right", "corrected"]));
  });

  it("gives one answer of several, and a request in work so far", async () => {
    await using it = await startMemoryGateway({ models: { m: { source: "fake:count?stepUs=20000", context: 100_000 } } });
    const id = await ask(it, { n: 3, max_tokens: 5 });
    assert.deepEqual((await tokensOf(it, id)).answers.map(({ answer, ids }) => [answer, ids?.length]), [[0, 5], [1, 5], [2, 5]]);
    assert.deepEqual((await tokensOf(it, id, 1)).answers.map(({ answer }) => answer), [1]);
    assert.deepEqual((await tokensOf(it, id, 7)).answers, []);
    const stream = it.client.stream("chatCompletions", { body: { model: "m", messages: [user("go")], stream: true } });
    await stream.next();
    const live = await eventually("tokens of a request in work", async () => {
      const [running] = (await it.client.call("traces", { query: {} })).traces;
      const tokens = await tokensOf(it, running?.id ?? "");
      return tokens.answers.length > 0 && tokens;
    });
    assert.equal(live.live, true);
    assert.ok((live.answers[0]?.ids?.length ?? 0) > 0);
    await stream.return(undefined);
  });

  it("keeps the tokens of a request that was cancelled", async () => {
    await using it = await startMemoryGateway({ models: { m: { source: "fake:count", context: 100_000 } } });
    const stream = it.client.stream("chatCompletions", { body: { model: "m", messages: [user("go")], stream: true } });
    for (let events = 0; events < 12; events += 1) await stream.next();
    await stream.return(undefined);
    const { id } = await eventually("the trace to end", async () => (await it.client.call("traces", { query: {} })).traces.find(({ status }) => status === "cancelled"));
    const { spans, completion } = await it.client.call("trace", { params: { id } });
    const tokens = await tokensOf(it, id);
    assert.equal(tokens.answers[0]?.ids?.length, spans.filter(({ name }) => name === "sample").length);
    assert.equal(textOf(tokens, tokens.answers[0].ids), completion);
  });

  it("without text has numbers only, also in the store; switched off, nothing", async () => {
    const store = openTraceStore({ path: ":memory:", keep: 10 });
    await using it = await startMemoryGateway({ ...counting, store });
    it.configure(counting.models, { text: false });
    const numbers = await ask(it);
    await it.gateway.traces.flush();
    const tokens = await tokensOf(it, numbers);
    const [answer] = tokens.answers;
    assert.deepEqual([tokens.recording, tokens.prompt, tokens.pieces, answer?.ids, answer?.topIds, answer?.topLogprobs], ["numbers", null, {}, null, null, null]);
    assert.equal(answer?.logprobs.length, 40);
    assert.ok(answer.entropies.every((value) => value !== null && value > 1));
    const stored = Buffer.from(store.recording(numbers)?.bytes ?? []);
    assert.ok(stored.length > 0 && !stored.includes("go on") && !stored.includes(" 17"));
    it.configure(counting.models, { tokens: false });
    const off = await tokensOf(it, await ask(it));
    assert.deepEqual([off.recording, off.answers, off.prompt, off.vitals.timesUs], ["off", [], null, []]);
    await assert.rejects(tokensOf(it, "nobody"), { code: "trace_not_found" });
  });

  it("that cannot be read is an error of the store, not of the daemon", async () => {
    const store = openTraceStore({ path: ":memory:", keep: 10 });
    await using it = await startMemoryGateway({ ...counting, store: { ...store, recording: (id) => ({ ...store.recording(id)!, bytes: Uint8Array.of(2, 9, 0, 0, 0) }) } });
    const id = await ask(it);
    await it.gateway.traces.flush();
    await assert.rejects(tokensOf(it, id), { code: "store_failed", message: /tokens of trace [0-9a-f]+ cannot be read: the bytes end at 5, 14 were to be read/ });
  });

  it("is not in the way when the store fails: the request is answered, and so is the next", async () => {
    const store = brokenStore(new InfernoError("store_failed", "The trace store failed: database or disk is full."));
    await using it = await startMemoryGateway({ ...counting, store });
    for (const expected of [1, 2]) {
      assert.ok(await ask(it));
      await it.gateway.traces.flush();
      assert.deepEqual(it.errors.map((error) => error.message), Array(expected).fill("The trace store failed: database or disk is full."));
    }
  });

  it("changes no answer", async () => {
    await using it = await startMemoryGateway({ models: { m: { source: "fake:random" } } });
    const completion = async (): Promise<string | null> => (await it.client.call("trace", { params: { id: await ask(it, { temperature: 1, seed: 5 }) } })).completion;
    const recorded = await completion();
    it.configure({ m: { source: "fake:random" } }, { tokens: false });
    assert.ok(recorded);
    assert.equal(await completion(), recorded);
  });
});
