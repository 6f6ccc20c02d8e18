import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodePrompt, decodeTokens, type TokenRow } from "../../../../protocol/trace-recording.ts";
import type { GenerationEvent } from "../../../../runtime/host/messages.ts";
import { withHost } from "./harness.ts";

const blocksOf = (events: readonly GenerationEvent[]) =>
  events.flatMap((event) => ("recorded" in event && event.type !== "prompt" ? (event.recorded ?? []).map((bytes) => ({ type: event.type, ...decodeTokens(bytes) })) : []));
const rowsOf = (events: readonly GenerationEvent[]): TokenRow[] => blocksOf(events).flatMap(({ rows }) => rows);

describe("recorded tokens", () => {
  test("come in blocks of 32, the rest with the answer's end, and cost no event of their own", () => withHost("fake:count?tokenUs=10", {}, async (host) => {
    const off = await host.answer("off", { maxTokens: 70 });
    const full = await host.answer("full", { maxTokens: 70, record: "full" });
    assert.deepEqual(full.events.map(({ type }) => type), off.events.map(({ type }) => type));
    assert.deepEqual(blocksOf(full.events).map(({ type, rows }) => [type, rows.length]), [["text", 32], ["text", 32], ["finish", 6]]);
    assert.equal(blocksOf(off.events).length, 0);
    const [prompt] = full.events;
    assert.ok(prompt?.type === "prompt");
    assert.equal(decodePrompt(prompt.recorded?.[0] ?? new Uint8Array()).ids.length, prompt.tokens);
  }));

  test("of a slow model come at least every 250 ms", () => withHost("fake:count?stepUs=100000", {}, async (host) => {
    const { events } = await host.answer("a", { maxTokens: 9, record: "full" });
    assert.deepEqual(blocksOf(events).map(({ rows }) => rows.length), [4, 4, 1]);
  }));

  test("of a request that is paused come with the pause, and of one that fails or is cancelled with its last event", () => withHost("fake:count", { context: 100_000 }, async (host) => {
    host.send("a", { record: "numbers" });
    await host.until(() => host.events("a").length > 6);
    host.channel.send({ type: "pause", id: "a" });
    await host.turns(5);
    const generated = host.events("a").filter((event) => event.type === "text" && event.tokens.length > 0).length;
    assert.equal(rowsOf(host.events("a")).length, generated);
    host.channel.send({ type: "resume", id: "a" });
    await host.turns(4);
    host.channel.send({ type: "cancel", id: "a" });
    const { events, last } = await host.answered("a");
    assert.equal(last.type, "failed");
    assert.equal(rowsOf(events).length, events.filter((event) => event.type === "text" && event.tokens.length > 0).length);
    assert.ok(rowsOf(events).every(({ id, top }) => id === -1 && top.length === 0));
    assert.ok(events.every((event) => event.type !== "prompt" || event.recorded === undefined));
  }));

  test("are those of the answer: none behind a stop string or a limit, also where guesses gave more", () => withHost(
    "fake:echo?stepUs=1000", { draftTokens: 8, host: { speculation: { mode: "ngram", draft: null, maxTokens: 8, candidates: 1 } } }, async (host) => {
      const text = "a b c d e f a b c d e f a b c d e f a b c d e f";
      for (const maxTokens of [9, 14, 20]) {
        const { events } = await host.answer(`m${maxTokens}`, { maxTokens, record: "full", prompt: { kind: "text", text } });
        const rows = rowsOf(events);
        assert.equal(rows.length, maxTokens);
        assert.ok(rows.some(({ guess }) => guess === "right"));
        // Tokens of one step have its number, time and cells.
        assert.ok(new Set(rows.map(({ step }) => step)).size < rows.length);
      }
    }));
});
