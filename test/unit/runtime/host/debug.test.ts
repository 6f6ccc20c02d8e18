import assert from "node:assert/strict";
import { test } from "node:test";
import type { DebugProgress, GenerateRequest, HostCall, HostCalls } from "../../../../runtime/host/messages.ts";
import { greedy, textOf, withHost, type Host } from "./harness.ts";

const mix = "fake:mix?words=100000";
const maxTokens = 12;

let calls = 0;
async function call<K extends HostCall["kind"]>(host: Host, kind: K, asked: HostCalls[K]["asked"]): Promise<HostCalls[K]["answered"]> {
  const id = `call ${++calls}`;
  host.channel.send({ type: "call", id, call: { kind, ...asked } as HostCall, sentUs: host.clock.nowUs() });
  return await answerOf<K>(host, id);
}

async function answerOf<K extends HostCall["kind"]>(host: Host, id: string): Promise<HostCalls[K]["answered"]> {
  const found = () => host.said.find((message) => message.type === "answer" && message.id === id);
  await host.until(() => found() !== undefined);
  const message = found();
  assert(message?.type === "answer");
  if (!message.outcome.ok) throw new Error(`${message.outcome.error.error.code}: ${message.outcome.error.error.message}`);
  return message.outcome.value;
}

const step = async (host: Host, request: string, tokens: number | null): Promise<DebugProgress> => await call(host, "debugStep", { request, tokens });
const idsOf = ({ rows }: DebugProgress): number[] => rows.map(({ row: { id } }) => id);
const debugged = (ask: Partial<GenerateRequest> = {}) => ({ maxTokens, debug: { tokens: 0 }, record: "full" as const, ...ask });

test("a debugged request stands until it is let go on, token by token, and says the same as without a debugger", async () => {
  await withHost(mix, {}, async (host) => {
    const plain = await host.answer("plain", { maxTokens });
    host.send("a", debugged());
    await host.turns(20);
    assert.equal(host.events("a").filter(({ type }) => type === "text").length, 0);
    const first = await step(host, "a", 1);
    assert.equal(first.rows.length, 1);
    await host.turns(20);
    const more = await step(host, "a", 4);
    assert.deepEqual(more.rows.map(({ index }) => index), [1, 2, 3, 4]);
    assert.equal(more.over, null);
    const rest = await step(host, "a", null);
    assert.equal(rest.over, "length");
    const { text, last } = await host.answered("a");
    assert.equal(last.type, "end");
    assert.equal(text, plain.text);
    assert.deepEqual(idsOf(await step(host, "a", 1)), []);
  });
});

test("a fork goes on from the very state, with the chosen token and with the samplers' own", async () => {
  await withHost(mix, {}, async (host) => {
    host.send("a", debugged());
    const rows = [...(await step(host, "a", 8)).rows];
    const own = rows.map(({ row: { id } }) => id);
    // The same token again: the answer is the same to its end.
    host.send("same", debugged({ fork: { of: "a", token: 3, choose: null, changed: false } }));
    const same = await step(host, "same", null);
    rows.push(...(await step(host, "a", null)).rows);
    assert.deepEqual(idsOf(same), rows.slice(3).map(({ row: { id } }) => id));
    assert.equal(textOf(host.events("same")), textOf(host.events("a")));
    const other = own[3]! + 1;
    host.send("other", debugged({ fork: { of: "a", token: 3, choose: other, changed: false } }));
    const changed = await step(host, "other", null);
    assert.equal(changed.rows[0]!.row.id, other);
    assert.equal(changed.rows[0]!.row.chosenBy, "debugger");
    assert.equal(changed.rows[0]!.index, 3);
    assert.notDeepEqual(idsOf(changed).slice(1), rows.slice(4).map(({ row: { id } }) => id));
    // What the engine makes of the changed beginning when it computes all of it.
    const prefix = textOf(host.events("other"));
    assert(prefix.startsWith(new TextDecoder().decode(Buffer.concat(rows.slice(0, 3).map(({ bytes }) => bytes)))));
    // A branch of the branch, after its end.
    host.send("third", debugged({ fork: { of: "other", token: 5, choose: null, changed: false } }));
    assert.deepEqual(idsOf(await step(host, "third", null)), idsOf(changed).slice(2));
    await call(host, "debugForget", { requests: ["a", "same", "other", "third"] });
    await assert.rejects(step(host, "a", 1), /debug_impossible/);
  });
});

test("one that stands lets others have its place, and goes on afterwards as if nothing had been", async () => {
  await withHost(mix, { parallel: 1, context: 64 }, async (host) => {
    const alone = await host.answer("alone", { maxTokens, prompt: { kind: "text", text: "a b c d" } });
    host.send("a", debugged({ prompt: { kind: "text", text: "a b c d" } }));
    await step(host, "a", 3);
    const { last } = await host.answer("other", { maxTokens });
    assert.equal(last.type, "end");
    host.send("fork", debugged({ fork: { of: "a", token: 1, choose: null, changed: false } }));
    await step(host, "fork", 2);
    await step(host, "a", null);
    assert.equal((await host.answered("a")).text, alone.text);
    await step(host, "fork", null);
    assert.equal((await host.answered("fork")).text, alone.text);
  });
});

test("a request in work can be attached to, stepped, forked from there on, and released", async () => {
  await withHost(mix, {}, async (host) => {
    host.send("a", { maxTokens: 40, record: "full", timeoutMs: 3600_000 });
    await host.until(() => host.events("a").filter(({ type }) => type === "text").length > 5);
    const { tokens } = await call(host, "debugAttach", { request: "a" });
    await host.turns(20);
    assert(tokens > 0 && tokens < 40);
    const { rows } = await step(host, "a", 2);
    assert.deepEqual(rows.map(({ index }) => index), [tokens, tokens + 1]);
    assert((await call(host, "debugChoice", { request: "a", token: tokens })).choice !== null);
    host.send("early", debugged({ fork: { of: "a", token: tokens - 1, choose: null, changed: false } }));
    assert.match(JSON.stringify((await host.answered("early")).last), /debug_impossible.*is not known/);
    host.send("late", debugged({ fork: { of: "a", token: tokens + 1, choose: 3, changed: false } }));
    assert.equal((await step(host, "late", 1)).rows[0]?.row.id, 3);
    await call(host, "debugRelease", { request: "a" });
    const { last } = await host.answered("a");
    assert.equal(last.type, "end");
    await assert.rejects(call(host, "debugAttach", { request: "a" }), /debug_impossible/);
  });
});

test("a step can be stopped, and a request that is cancelled says so to who waits", async () => {
  await withHost("fake:mix?words=100000", { context: 4096 }, async (host) => {
    host.send("a", debugged({ maxTokens: 4000 }));
    host.channel.send({ type: "call", id: "run", call: { kind: "debugStep", request: "a", tokens: null }, sentUs: 0 });
    await host.until(() => host.events("a").filter(({ type }) => type === "text").length > 3);
    host.channel.send({ type: "cancel", id: "run" });
    const { rows, over } = await answerOf<"debugStep">(host, "run");
    assert(rows.length > 3 && rows.length < 4000);
    assert.equal(over, null);
    host.channel.send({ type: "call", id: "again", call: { kind: "debugStep", request: "a", tokens: null }, sentUs: 0 });
    await host.turns(3);
    await assert.rejects(step(host, "a", 1), /debug_busy/);
    host.channel.send({ type: "cancel", id: "a" });
    assert.equal((await answerOf<"debugStep">(host, "again")).over, "cancelled");
    // Its state was kept.
    host.send("fork", debugged({ maxTokens: 4000, fork: { of: "a", token: 1, choose: null, changed: false } }));
    assert.equal((await step(host, "fork", 1)).rows[0]?.row.id, rows[1]?.row.id);
    host.channel.send({ type: "cancel", id: "fork" });
  });
});

test("other sampling from a place on keeps what went before", async () => {
  await withHost(mix, {}, async (host) => {
    host.send("a", debugged({ params: { ...greedy, temperature: 1, seed: 5 } }));
    const a = idsOf(await step(host, "a", null));
    host.send("b", debugged({ params: { ...greedy, temperature: 1, seed: 6 }, fork: { of: "a", token: 4, choose: null, changed: true } }));
    const b = idsOf(await step(host, "b", null));
    assert.notDeepEqual(b, a.slice(4));
    assert(textOf(host.events("b")).startsWith(textOf(host.events("a")).split(" ").slice(0, 4).join(" ")));
  });
});
