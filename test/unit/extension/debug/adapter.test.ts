import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { DebugClient } from "../../../drivers/debug-client.ts";
import { eventually } from "../../../drivers/eventually.ts";
import { FakeDaemon } from "./fake-daemon.ts";

const chat = { model: "ember", messages: [{ role: "user", content: "The sun?" }] };
type Stopped = DebugProtocol.StoppedEvent["body"];
type Placed = { readonly breakpoints: readonly DebugProtocol.Breakpoint[] };

function editor(): { readonly daemon: FakeDaemon; readonly client: DebugClient } {
  const daemon = new FakeDaemon();
  return { daemon, client: new DebugClient(() => Promise.resolve(daemon.client)) };
}
const lineOf = async (client: DebugClient): Promise<number | undefined> => (await client.frames())[0]?.line;
const functions = async (client: DebugClient, ...names: string[]): Promise<readonly DebugProtocol.Breakpoint[]> =>
  (await client.ask<Placed>("setFunctionBreakpoints", { breakpoints: names.map((name) => ({ name })) })).breakpoints;

suite("the debug adapter", () => {
  test("offers what it can do", async () => {
    const { client } = editor();
    const can = await client.initialize();
    assert.ok(can.supportsStepBack && can.supportsGotoTargetsRequest && can.supportsSetVariable && can.supportsFunctionBreakpoints && can.supportsTerminateRequest);
    assert.deepEqual(can.exceptionBreakpointFilters?.map(({ filter }) => filter), ["truncation", "grammar_dead_end", "low_confidence"]);
  });

  test("asks the daemon for what a configuration says", async () => {
    const { daemon, client } = editor();
    await client.begin("launch", { ...chat, temperature: 0.3, turns: ["And the moon?"], body: { ignore_eos: true }, type: "inferno", request: "launch", name: "n", __sessionId: "x" });
    assert.deepEqual(daemon.starts, [{ kind: "chat", request: { ...chat, temperature: 0.3, ignore_eos: true }, turns: ["And the moon?"], breakpoints: [] }]);
    const completing = editor();
    await completing.client.begin("launch", { model: "ember", prompt: "The sun" });
    assert.deepEqual(completing.daemon.starts, [{ kind: "completion", request: { model: "ember", prompt: "The sun" }, breakpoints: [] }]);
  });

  test("steps by token, by turn and by stage, on and back", async () => {
    const { daemon, client } = editor();
    assert.deepEqual((await client.begin("launch", chat)).reason, "entry");
    assert.equal(await lineOf(client), 1);
    assert.equal((await client.go("next")).reason, "step");
    assert.equal(await lineOf(client), 2);
    await client.go("stepIn");
    assert.deepEqual((await client.frames()).map(({ name }) => name), ["logits: 2 kept", 'token 1: " sun"', "turn 1", "request ember"]);
    await client.go("stepIn");
    assert.equal((await client.frames())[0]?.name, "temperature: 1 kept");
    assert.deepEqual((await client.variables("Candidates")).map(({ name, value }) => [name, value]), [["temperature", "0.5"], ['" sun"', "100.0 % · 4.00 → 8.00 · chosen"], ['" moon"', "3.00 → removed"]]);
    await client.go("stepBack");
    assert.equal((await client.frames())[0]?.name, "logits: 2 kept");
    await client.go("stepIn");
    await client.go("stepIn");
    assert.deepEqual([(await client.frames())[0]?.name, await lineOf(client)], ['token 2: " is"', 3]);
    await client.go("stepBack");
    assert.equal(await lineOf(client), 2);
    assert.equal((await client.go("stepOut")).reason, "end");
    assert.equal((await client.go("reverseContinue")).reason, "entry");
    assert.deepEqual(daemon.actions.filter((action) => action.do !== "breakpoints").map((action) => action.do), ["step", "step", "back", "step", "reverse"]);
  });

  test("shows the tokens as a document, a line each, and lines for those to come", async () => {
    const { client } = editor();
    await client.begin("launch", chat);
    await client.go("next");
    const [frame] = await client.frames();
    const path = frame?.source?.path ?? "";
    assert.match(path, /^inferno-tokens:\/a%20test\/ember\.inferno-tokens$/);
    const lines = client.documents.get(path)?.split("\n") ?? [];
    assert.match(lines[1] ?? "", /^ {4}1 {2}" sun" +70\.0 % {2}draw +11$/);
    assert.match(lines[2] ?? "", /^ {4}2 {2}…$/);
  });

  test("stops at lines of the branch that they are in, and goes there", async () => {
    const { daemon, client } = editor();
    let path = "";
    await client.begin("launch", chat);
    path = (await client.frames())[0]?.source?.path ?? "";
    const { breakpoints } = await client.ask<Placed>("setBreakpoints", { source: { path }, breakpoints: [{ line: 3 }, { line: 5, condition: "nonsense" }] });
    assert.deepEqual(breakpoints.map(({ verified, line }) => [verified, line]), [[true, 3], [false, 5]]);
    assert.match(breakpoints[1]?.message ?? "", /Unknown variable: nonsense/);
    const stopped = await client.go("continue");
    assert.deepEqual([stopped.reason, stopped.hitBreakpointIds], ["breakpoint", [breakpoints[0]?.id]]);
    assert.equal(await lineOf(client), 3);
    const { targets } = await client.ask<DebugProtocol.GotoTargetsResponse["body"]>("gotoTargets", { source: { path }, line: 2 });
    assert.equal((await client.go("goto", { targetId: targets[0]?.id })).reason, "goto");
    assert.equal(await lineOf(client), 2);
    // The same place of another branch is none of that document's lines.
    await client.set("Token", "id", "99");
    assert.equal((await client.event<Stopped>("stopped")).description, "In a new branch");
    assert.equal((await client.go("continue")).reason, "end");
    assert.deepEqual(daemon.state.at, { trace: "b", token: 5 });
    const foreign = await client.ask<Placed>("setBreakpoints", { source: { path: "/a/file.ts" }, breakpoints: [{ line: 1 }] });
    assert.match(foreign.breakpoints[0]?.message ?? "", /no branch of the debug session/);
  });

  test("stops at conditions; what cannot be read is not verified", async () => {
    const { client } = editor();
    const stopped = await client.begin("launch", { ...chat, stopOnEntry: false }, async () => {
      const set = await functions(client, "text:/sun/", "text:sun", "nonsense > 1");
      assert.deepEqual(set.map(({ verified }) => verified), [true, false, false]);
      assert.match(set[1]?.message ?? "", /between slashes/);
    });
    assert.deepEqual([stopped.reason, stopped.hitBreakpointIds?.length], ["function breakpoint", 1]);
    assert.equal(await lineOf(client), 2);
  });

  test("a condition that holds at the first token stops there, without the entry", async () => {
    const { client } = editor();
    const stopped = await client.begin("launch", { ...chat, stopOnEntry: false }, async () => void (await functions(client, "text:/The/")));
    assert.equal(stopped.reason, "function breakpoint");
    assert.equal(await lineOf(client), 1);
  });

  test("exceptions: low confidence with a threshold of its own", async () => {
    const { daemon, client } = editor();
    await client.begin("launch", chat);
    const { breakpoints } = await client.ask<Placed>("setExceptionBreakpoints", { filters: ["truncation"], filterOptions: [{ filterId: "low_confidence", condition: "0.4" }, { filterId: "low_confidence", condition: "much" }] });
    assert.deepEqual(breakpoints.map(({ verified }) => verified), [true, true, false]);
    assert.deepEqual(daemon.state.breakpoints, [{ kind: "truncation" }, { kind: "probability", below: 0.4 }]);
    const stopped = await client.go("continue");
    assert.deepEqual([stopped.reason, stopped.text], ["exception", "A token of low probability was chosen."]);
    assert.equal((await client.ask<DebugProtocol.ExceptionInfoResponse["body"]>("exceptionInfo", { threadId: 1 })).exceptionId, "A token of low probability was chosen.");
  });

  test("a long move is paused, takes breakpoints on its way, and refuses a second move", async () => {
    const { daemon, client } = editor();
    await client.begin("launch", chat);
    daemon.isSlow = true;
    await client.ask("continue", { threadId: 1 });
    await eventually("the move", () => Promise.resolve(daemon.isMoving));
    assert.match((await client.send("next", { threadId: 1 })).message ?? "", /on its way/);
    assert.equal((await functions(client, "text:/star/"))[0]?.verified, true);
    await eventually("the move to go on", () => Promise.resolve(daemon.isMoving));
    assert.equal(client.events.filter(({ event }) => event === "stopped").length, 1, "only that of the entry");
    await client.ask("pause", { threadId: 1 });
    assert.equal((await client.event<Stopped>("stopped")).reason, "pause");
    assert.deepEqual(daemon.state.breakpoints, [{ kind: "text", pattern: "star" }]);
  });

  test("at the very end, Continue ends the session", async () => {
    const { client } = editor();
    await client.begin("launch", chat);
    assert.equal((await client.go("continue")).description, "The answer is over (stop)");
    await client.ask("continue", { threadId: 1 });
    await client.event("terminated");
  });

  test("the console forks, lists, selects and evaluates", async () => {
    const { daemon, client } = editor();
    await client.begin("launch", chat);
    assert.equal(await client.evaluate("index", "repl"), "0");
    const top = await client.ask<DebugProtocol.EvaluateResponse["body"]>("evaluate", { expression: "top", context: "watch" });
    assert.deepEqual((await client.below(top.variablesReference)).map(({ name, value }) => [name, value]), [[" sun", "0.7"]]);
    assert.equal(await client.evaluate('fork " moon"', "repl"), "ember 2 fork at 0");
    assert.deepEqual(daemon.actions.at(-1), { do: "fork", token: 0, text: " moon" });
    assert.match(await client.evaluate("branches", "repl"), /^ {2}1 {2}ember .*\n\* 2 {2}ember 2 fork at 0 /);
    await client.evaluate("select 1", "repl");
    assert.equal(daemon.state.at.trace, "a");
    await assert.rejects(client.evaluate("select 7", "repl"), /no branch 7; there are 1 to 2/);
    await assert.rejects(client.evaluate("fork", "repl"), /fork 123/);
    await assert.rejects(client.evaluate("sunny", "repl"), /Unknown variable/);
    const { targets } = await client.ask<DebugProtocol.CompletionsResponse["body"]>("completions", { text: "pro", column: 4 });
    assert.deepEqual(targets.map(({ label, start, length }) => [label, start, length]), [["probability", 1, 3]]);
  });

  test("only what can be changed is changed", async () => {
    const { client } = editor();
    await client.begin("launch", chat);
    await assert.rejects(client.set("Token", "entropy", "1"), /cannot be changed/);
    await assert.rejects(client.set("Token", "id", "moon"), /whole number/);
    await assert.rejects(client.set("Branches", "current", "9"), /There is no branch 9/);
  });

  test("says what is wrong in its own words", async () => {
    const replay = editor();
    await replay.client.begin("launch", { trace: "t1" });
    assert.match(replay.client.output, /may differ from what was recorded: The library is another release/);
    const missing = editor();
    await missing.client.initialize();
    const answer = await missing.client.send("launch", { trace: "missing" });
    assert.match(answer.message ?? "", /No trace has the id "missing"/);
    const down = editor();
    down.daemon.isDown = true;
    await down.client.initialize();
    assert.match((await down.client.send("launch", chat)).message ?? "", /No daemon answers/);
    assert.match((await down.client.send("next", { threadId: 1 })).message ?? "", /has not begun/);
  });

  test("a daemon that is gone ends the session, and leaving it then is no error", async () => {
    const { daemon, client } = editor();
    await client.begin("launch", chat);
    daemon.isDown = true;
    await client.ask("next", { threadId: 1 });
    await client.event("terminated");
    assert.match(client.output, /No daemon answers/);
    await client.ask("disconnect");
  });
});
