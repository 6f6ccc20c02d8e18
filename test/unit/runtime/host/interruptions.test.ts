import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { textOf, withHost, type Host } from "./harness.ts";

/** Sends a message as soon as the gateway has the request's n-th piece of text. */
function afterText(host: Host, id: string, count: number, then: () => void): void {
  let seen = 0;
  host.onEvent(id, (event) => {
    if (textOf([event]) === "") return;
    seen += 1;
    if (seen === count) then();
  });
}

describe("cancel", () => {
  test("takes effect before the next step and frees the sequence", () => withHost("fake:count", { parallel: 1 }, async (host) => {
    host.send("a");
    host.send("b", { maxTokens: 2 });
    afterText(host, "a", 3, () => host.channel.send({ type: "cancel", id: "a" }));
    const { text, last } = await host.answered("a");
    assert.equal(text, "1 2 3");
    assert.ok(last.type === "failed" && last.error.error.code === "request_cancelled");
    assert.equal((await host.answered("b")).text, "1 2");
  }));

  test("of a request that waits for a sequence lets the others go on", () => withHost("fake:count", { parallel: 1 }, async (host) => {
    host.send("a", { maxTokens: 5 });
    host.send("b");
    host.send("c", { maxTokens: 1 });
    host.channel.send({ type: "cancel", id: "b" });
    const { last } = await host.answered("b");
    assert.ok(last.type === "failed" && last.error.error.code === "request_cancelled");
    assert.equal((await host.answered("a")).text, "1 2 3 4 5");
    assert.equal((await host.answered("c")).text, "1");
  }));

  test("of a request that is over, or unknown, does nothing", () => withHost("fake:echo", {}, async (host) => {
    const { events } = await host.answer("a");
    host.channel.send({ type: "cancel", id: "a" });
    host.channel.send({ type: "cancel", id: "nobody" });
    host.channel.send({ type: "resume", id: "a" });
    await host.answer("b");
    assert.equal(host.events("a").length, events.length);
  }));
});

describe("pause", () => {
  test("stops one request at the next step, others go on, resume continues it", () => withHost("fake:count?tokenUs=10", {}, async (host) => {
    host.send("slow", { maxTokens: 5 });
    host.send("quick", { maxTokens: 9 });
    afterText(host, "slow", 2, () => host.channel.send({ type: "pause", id: "slow" }));
    await host.answered("quick");
    await host.turns(5);
    assert.equal(textOf(host.events("slow")), "1 2");
    host.channel.send({ type: "resume", id: "slow" });
    const { text, spans } = await host.answered("slow");
    assert.equal(text, "1 2 3 4 5");
    // From the third step on the quick one ran alone, 10 us a token; that is what the slow one waited.
    const waits = spans.filter((span) => span.name === "wait").map((span) => span.endUs - span.startUs);
    assert.deepEqual(waits, [7 * 10]);
  }));

  test("a paused request can be cancelled", () => withHost("fake:count", { parallel: 1 }, async (host) => {
    host.send("a");
    afterText(host, "a", 1, () => host.channel.send({ type: "pause", id: "a" }));
    await host.until(() => textOf(host.events("a")) === "1");
    await host.turns(3);
    host.channel.send({ type: "cancel", id: "a" });
    assert.equal((await host.answered("a")).text, "1");
    assert.equal((await host.answer("b", { maxTokens: 1 })).text, "1");
  }));
});

describe("a request's own time", () => {
  test("ends it with the error, though the step that passes it completes its answers", () => withHost("fake:count?stepUs=1000000", {}, async (host) => {
    const { events, last, text } = await host.answer("a", { choices: 2, maxTokens: 2, timeoutMs: 1500 });
    assert.ok(last.type === "failed" && last.error.error.code === "deadline_exceeded");
    assert.ok(!events.some(({ type }) => type === "finish"));
    assert.equal(text, "11", "of each answer what was there in time");
    assert.equal((await host.answer("b", { maxTokens: 2, timeoutMs: 2500 })).text, "1 2");
  }));
});

describe("a failing engine", () => {
  test("fails the requests of that step only", () => withHost("fake:count?failAtStep=3", {}, async (host) => {
    host.send("a");
    host.send("b");
    afterText(host, "a", 2, () => host.send("later", { maxTokens: 4 }));
    afterText(host, "b", 1, () => host.channel.send({ type: "pause", id: "b" }));
    const { text, last } = await host.answered("a");
    assert.equal(text, "1 2");
    assert.ok(last.type === "failed" && last.error.error.code === "decode_failed");
    assert.equal(host.events("later").at(-1)?.type, "failed", "it was in the step, with its prompt");
    host.channel.send({ type: "resume", id: "b" });
    await host.until(() => textOf(host.events("b")).startsWith("1 2 3"));
    assert.equal((await host.answer("c", { maxTokens: 2 })).text, "1 2");
  }));
});
