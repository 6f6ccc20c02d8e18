import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { DebugClient } from "../../drivers/debug-client.ts";
import { startTestDaemon, user, type TestDaemon } from "../../drivers/test-daemon.ts";

let gateway: TestDaemon;
before(async () => {
  gateway = await startTestDaemon();
});
after(async () => await gateway[Symbol.asyncDispose]());

const story = { model: "ember", messages: [user("Tell me about the sun")], temperature: 0.9, seed: 11, max_tokens: 40 };
const editor = (): DebugClient => new DebugClient(() => Promise.resolve(gateway.client));
const sessions = async (): Promise<number> => (await gateway.client.call("debugSessions", {})).sessions.length;
const documentOf = (client: DebugClient, { source }: DebugProtocol.StackFrame): readonly string[] => client.documents.get(source?.path ?? "")?.split("\n") ?? [];

describe("the debug adapter with a daemon", () => {
  it("launches, steps, goes into the sampler, and back", async () => {
    const client = editor();
    const first = await client.begin("launch", story);
    assert.equal(first.reason, "entry");
    await client.go("next");
    await client.go("next");
    const [token, turn, request] = await client.frames();
    assert.ok(token && turn && request);
    assert.deepEqual([token.name, token.line, turn.name, request.name], ['token 2: "am"', 3, "turn 1", "request ember"]);
    assert.match(documentOf(client, token)[2] ?? "", /^ {4}2 {2}"am" +99\.8 % {2}only +375$/);
    assert.equal(await client.value("Token", "id"), "375");
    assert.equal(await client.value("KV cache", "cells of this answer"), "18");
    await client.go("stepIn");
    await client.go("stepIn");
    assert.equal((await client.frames())[0]?.name, "top_k: 40 kept");
    assert.equal(await client.value("Candidates", "k"), "40");
    await client.go("stepOut");
    await client.go("stepBack");
    assert.equal((await client.frames())[0]?.line, 2);
    const end = await client.go("stepOut");
    assert.equal(end.reason, "end");
    const start = await client.go("reverseContinue");
    assert.deepEqual([start.reason, (await client.frames())[0]?.line], ["entry", 1]);
    await client.ask("disconnect");
    assert.equal(await sessions(), 0);
  });

  it("forks where a variable is set, and goes between the branches", async () => {
    const client = editor();
    await client.begin("launch", story);
    await client.go("next");
    await client.go("next");
    assert.equal(await client.set("Token", "text", "live"), '"live"');
    assert.equal((await client.event<DebugProtocol.StoppedEvent["body"]>("stopped")).description, "In a new branch");
    assert.equal(await client.value("Token", "text"), '"live"');
    assert.equal(await client.value("Token", "chosen_by"), "debugger");
    assert.match((await client.frames())[0]?.source?.name ?? "", /^ember 2 fork at 2$/);
    await client.set("Sampler", "temperature", "0");
    await client.event("stopped");
    assert.equal(await client.value("Sampler", "temperature"), "0");
    await client.evaluate("select 1", "repl");
    assert.equal(await client.evaluate("piece"), '"am"');
    assert.match(await client.evaluate("branches", "repl"), /^\* 1 .*\n {2}2 .*\n {2}3 /);
    await assert.rejects(client.set("Sampler", "temperature", "9"), /temperature/);
    await assert.rejects(client.set("Token", "text", "no such token at all"), /tokens of this model/);
    await client.ask("terminate");
    await client.event("terminated");
    assert.equal(await sessions(), 0);
  });

  it("goes through several turns, each with a document of its own", async () => {
    const client = editor();
    await client.begin("launch", { model: "ember", messages: [user("What is 6 times 7?")], temperature: 0, max_tokens: 40, turns: ["And 6 times 8?"] });
    assert.equal((await client.go("stepOut")).reason, "end");
    await client.go("next");
    const [token, turn] = await client.frames();
    assert.deepEqual([token?.line, token?.source?.name, turn?.name], [1, "ember 2 turn", "turn 2"]);
    await client.go("stepBack");
    assert.equal((await client.frames())[1]?.name, "turn 1");
    assert.equal((await client.go("continue")).reason, "end");
    assert.match(await client.value("Branches", "2") ?? "", /48/);
    await client.ask("disconnect");
  });

  it("stops where a condition holds, and says which cannot be read", async () => {
    const client = editor();
    const set = async (): Promise<void> => {
      const names = ["text:/sor/", "text:/(/", "probability < 0.5 && index > 3", "nonsense > 1"];
      const { breakpoints } = await client.ask<DebugProtocol.SetBreakpointsResponse["body"]>("setFunctionBreakpoints", { breakpoints: names.map((name) => ({ name })) });
      assert.deepEqual(breakpoints.map(({ verified }) => verified), [true, false, true, false]);
      assert.match(breakpoints[1]?.message ?? "", /pattern/);
      assert.match(breakpoints[3]?.message ?? "", /nonsense/);
    };
    const stopped = await client.begin("launch", { ...story, stopOnEntry: false }, set);
    assert.equal(stopped.reason, "function breakpoint");
    assert.match(await client.evaluate("text"), /sor"$/);
    await client.go("continue");
    assert.ok(Number(await client.evaluate("probability")) < 0.5);
    const path = (await client.frames())[0]?.source?.path;
    const lines = await client.ask<DebugProtocol.SetBreakpointsResponse["body"]>("setBreakpoints", { source: { path }, breakpoints: [{ line: 3, condition: 'piece == "am"' }, { line: 2, condition: "probability" }] });
    assert.deepEqual(lines.breakpoints.map(({ verified }) => verified), [true, false]);
    await client.ask("setFunctionBreakpoints", { breakpoints: [] });
    assert.deepEqual([(await client.go("reverseContinue")).reason, (await client.frames())[0]?.line], ["breakpoint", 3]);
    await client.ask("disconnect");
  });

  it("stops at what went wrong", async () => {
    const client = editor();
    const body = { ...story, temperature: 0, max_tokens: 3, body: { grammar: 'root ::= "Berlin" | "Bonn"' } };
    const stopped = await client.begin("launch", { ...body, stopOnEntry: false }, async () => void (await client.ask("setExceptionBreakpoints", { filters: ["grammar_dead_end", "truncation"] })));
    assert.deepEqual([stopped.reason, stopped.text], ["exception", "The grammar refused what the samplers chose, or allowed no token."]);
    assert.match(await client.value("Token", "grammar") ?? "", /refused token \d+/);
    let last = stopped;
    while (last.text?.startsWith("The grammar") === true) last = await client.go("continue");
    assert.equal(last.text, "The answer was cut off: it ran out of tokens or of context.");
    await client.ask("disconnect");
  });

  it("computes a recorded request again and says how that went", async () => {
    const { timings } = await gateway.client.call("chatCompletions", { body: { ...story, cache_prompt: false } });
    const client = editor();
    await client.begin("launch", { trace: timings.trace_id, stopOnEntry: false });
    assert.match(client.output, /Replay: all \d+ tokens are as recorded, their probabilities to the bit/);
    await client.ask("disconnect");
  });

  it("attaches to a request in work, which goes on when the editor leaves", async () => {
    const body = { model: "ember", messages: [user("Tell me a story")], temperature: 0, max_tokens: 200, ignore_eos: true };
    let text = "";
    let client: DebugClient | null = null;
    for await (const chunk of gateway.client.stream("chatCompletions", { body: { ...body, stream: true } })) {
      text += chunk.choices[0]?.delta.content ?? "";
      if (client !== null || text.length < 20) continue;
      const trace = (await gateway.client.call("traces", { query: { limit: 1 } })).traces[0]?.id;
      client = editor();
      await client.begin("attach", { trace });
      const [stood] = await client.frames();
      await client.go("next");
      assert.equal((await client.frames())[0]?.line, (stood?.line ?? 0) + 1);
      assert.equal(await client.value("Token", "chosen_by"), "greedy");
      await client.ask("disconnect", { terminateDebuggee: false });
    }
    const whole = await gateway.client.call("chatCompletions", { body });
    assert.equal(text, whole.choices[0]?.message.content);
    assert.equal(await sessions(), 0);
  });

  it("says what is wrong with what it was given", async () => {
    const failing = async (request: string, args: object): Promise<string> => {
      const client = editor();
      await client.initialize();
      return (await client.send(request, args)).message ?? "";
    };
    assert.match(await failing("launch", { ...story, model: "nobody" }), /nobody/);
    assert.match(await failing("launch", { trace: "nothing" }), /No trace has the id "nothing"/);
    assert.match(await failing("attach", { trace: "nothing" }), /No trace has the id "nothing"/);
    assert.match(await failing("launch", { model: "ember" }), /no `messages`, no `prompt` and no `trace`/);
    assert.match(await failing("launch", { ...story, temperature: 7 }), /temperature/);
  });
});
