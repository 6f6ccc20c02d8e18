import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { DebugAction, DebugStart, DebugState } from "../../../protocol/api/debug.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { Client } from "../../../protocol/client/index.ts";
import { startTestDaemon, user, type TestDaemon } from "../../drivers/test-daemon.ts";

let gateway: TestDaemon;
let client: Client;
before(async () => {
  gateway = await startTestDaemon();
  ({ client } = gateway);
});
after(async () => await gateway[Symbol.asyncDispose]());

const story = { model: "ember", messages: [user("Tell me about the sun")], temperature: 0.9, seed: 11, max_tokens: 40 };
const start = async (body: DebugStart | { kind: "chat"; request: typeof story; turns?: string[]; breakpoints?: DebugStart["breakpoints"] }): Promise<DebugState> =>
  await client.call("debugStart", { body: body });
const act = async ({ id }: DebugState, action: DebugAction): Promise<DebugState> => await client.call("debugAct", { params: { id }, body: action });
const token = async ({ id }: DebugState, index: number, trace?: string) => await client.call("debugToken", { params: { id, token: index }, query: trace === undefined ? {} : { trace } });
const step = { do: "step", by: "token", count: 1 } as const;
const idsOf = async (trace: string): Promise<readonly number[]> => (await client.call("traceTokens", { params: { id: trace } })).answers[0]?.ids ?? [];
const refused = (code: string, said: RegExp) => (error: unknown): boolean => error instanceof InfernoError && error.code === code && said.test(error.message);

/** The id of a finished request's trace. */
async function asked(body: object): Promise<string> {
  const { timings } = await client.call("chatCompletions", { body: body as typeof story });
  return timings.trace_id;
}

describe("a debug session", () => {
  it("steps, goes back, and shows each choice from the logits to the draw", async () => {
    const trace = await asked({ ...story, cache_prompt: false });
    let state = await start({ kind: "chat", request: { ...story } });
    assert.deepEqual([state.reason, state.at.token, state.status], ["entry", 0, "stopped"]);
    state = await act(state, { ...step, count: 3 });
    assert.equal(state.at.token, 3);
    state = await act(state, { do: "back", by: "token", count: 2 });
    assert.deepEqual([state.at.token, state.branches[0]?.tokens], [1, 4]);
    state = await act(state, { do: "continue" });
    assert.deepEqual([state.reason, state.branches[0]?.over], ["end", "stop"]);
    assert.deepEqual(await idsOf(state.at.trace), await idsOf(trace));
    for (const index of [0, 5]) {
      const { id, stages, probability, latencyMs } = await token(state, index);
      assert.ok(stages !== null && latencyMs !== null && latencyMs > 0);
      assert.equal(stages[0]?.name, "logits");
      const draw = stages.at(-1);
      assert.deepEqual([draw?.name, draw?.chosen], ["draw", id]);
      assert.ok(stages.every(({ kept }, at) => at === 0 || kept <= stages[at - 1]!.kept), "samplers only take away");
      for (const { candidates } of stages) assert.ok(candidates.every(({ logit }, at) => at === 0 || logit <= candidates[at - 1]!.logit));
      const among = stages[0].candidates.find((candidate) => candidate.id === id);
      assert.ok(among === undefined || Math.abs(among.probability - (probability ?? 0)) < 1e-5);
    }
    await act(state, { do: "end" });
    await assert.rejects(act(state, step), refused("debug_session_not_found", /No debug session/));
  });

  it("forks from the exact state: the rest is what a run from the prompt gives", async () => {
    let state = await start({ kind: "chat", request: { ...story } });
    state = await act(state, { do: "continue" });
    const first = state.at.trace;
    const own = await idsOf(first);
    // The model's own token again: nothing changes, and not a number either.
    state = await act(state, { do: "fork", token: 6, choose: own[6]! });
    state = await act(state, { do: "continue" });
    assert.deepEqual(await idsOf(state.at.trace), own);
    const [a, b] = await Promise.all([first, state.at.trace].map(async (id) => (await client.call("traceTokens", { params: { id } })).answers[0]!.logprobs));
    assert.deepEqual(b, a);
    const { stages } = await token(state, 6, first);
    const other = stages?.[0]?.candidates.find(({ id }) => id !== own[6]);
    assert.ok(other);
    state = await act(state, { do: "select", trace: first });
    state = await act(state, { do: "fork", token: 6, choose: other.id });
    const branch = state.at.trace;
    assert.equal((await token(state, 6)).chosenBy, "debugger");
    await act(state, { do: "continue" });
    await act(state, { do: "select", trace: first });
    const short = await act(state, { do: "fork", token: 6, sampling: { temperature: 0, stop: ["e"] } });
    await act(short, { do: "continue" });
    const before = await client.call("debugEvaluate", { params: { id: state.id }, body: { expression: "text", trace: first, token: 5 } });
    const cut = await client.call("trace", { params: { id: short.at.trace } });
    assert.ok(cut.completion?.startsWith(String(before.value)) && !cut.completion.slice(String(before.value).length).includes("e"), cut.completion ?? "");
    assert.deepEqual(cut.parameters["stop"], ["e"]);
    const changed = await idsOf(branch);
    assert.deepEqual(changed.slice(0, 7), [...own.slice(0, 6), other.id]);
    const { branch: left, completion } = await client.call("trace", { params: { id: branch } });
    assert.deepEqual(left, { of: first, token: 6 });
    assert.equal(completion, state.branches.length > 0 ? (await client.call("debugSession", { params: { id: state.id } })).branches.find(({ trace }) => trace === branch)?.text : "");
    await act(state, { do: "end" });
  });

  it("computes a recorded run again, to the bit; and says what may make a difference", async () => {
    const trace = await asked({ ...story, seed: undefined, cache_prompt: false });
    let state = await start({ kind: "replay", trace, breakpoints: [] });
    state = await act(state, { do: "continue" });
    assert.deepEqual({ ...state.replay, compared: 0 }, { of: trace, compared: 0, exact: true, firstDifference: null, reasons: [] });
    assert.equal(state.replay?.compared, (await idsOf(trace)).length);
    await act(state, { do: "end" });
    const cached = await asked(story);
    state = await start({ kind: "replay", trace: cached, breakpoints: [] });
    assert.match(state.replay?.reasons.join() ?? "", /did not compute the first \d+ tokens/);
    await act(state, { do: "end" });
  });

  it("stops at conditions, on and back", async () => {
    let state = await start({
      kind: "chat", request: { ...story, messages: [user("What is 6 times 7?")], temperature: 0 },
      breakpoints: [{ kind: "text", pattern: "\\d =" }, { kind: "expression", expression: "is_end && top.size() == 5" }, { kind: "probability", below: 1e-9 }],
    });
    state = await act(state, { do: "continue" });
    assert.deepEqual([state.reason, state.hits], ["breakpoint", [0]]);
    const { token: at } = state.at;
    const { value } = await client.call("debugEvaluate", { params: { id: state.id }, body: { expression: "text" } });
    assert.match(String(value), /\d =$/);
    state = await act(state, { do: "continue" });
    assert.deepEqual([state.reason, state.hits], ["breakpoint", [1]]);
    state = await act(state, { do: "reverse" });
    assert.deepEqual([state.reason, state.hits, state.at.token], ["breakpoint", [0], at]);
    state = await act(state, { do: "reverse" });
    assert.deepEqual([state.reason, state.at.token], ["entry", 0]);
    for (const expression of ['text.split("").size() > 1', "[1, 2].all(a, [1, 2].all(b, a < b))", "probability <", "nothing > 1", "probability + 1.0", 'text.matches("(a+)+b")']) {
      await assert.rejects(act(state, { do: "breakpoints", breakpoints: [{ kind: "expression", expression }] }), refused("invalid_request", /expression/));
    }
    for (const patterns of [["("], Array.from({ length: 30 }, () => "a".repeat(100))]) {
      await assert.rejects(act(state, { do: "breakpoints", breakpoints: patterns.map((pattern) => ({ kind: "text" as const, pattern })) }), refused("invalid_request", /pattern/));
    }
    const evaluated = async (expression: string) => (await client.call("debugEvaluate", { params: { id: state.id }, body: { expression } })).value;
    assert.deepEqual(await evaluated('{"a": [1, 2]}'), { a: [1, 2] });
    await assert.rejects(evaluated("type(1)"), refused("invalid_request", /JSON/));
    // A candidate that is not there does not hold, and does not fail.
    state = await act(state, { do: "breakpoints", breakpoints: [{ kind: "expression", expression: 'top["nobody says this"] > 0.3' }] });
    state = await act(state, { do: "continue" });
    assert.equal(state.reason, "end");
    await act(state, { do: "end" });
  });

  it("goes through several turns, and back into the one before", async () => {
    let state = await start({ kind: "chat", request: { ...story, messages: [user("What is 6 times 7?")], temperature: 0 }, turns: ["And 6 times 8?"] });
    state = await act(state, { do: "step", by: "turn", count: 1 });
    assert.deepEqual([state.reason, state.turnsLeft], ["end", 1]);
    state = await act(state, step);
    assert.deepEqual([state.branches.map(({ kind }) => kind), state.at.token], [["start", "turn"], 0]);
    state = await act(state, { do: "back", by: "token", count: 1 });
    assert.equal(state.at.trace, state.branches[0]?.trace);
    state = await act(state, { do: "continue" });
    assert.match(state.branches[1]?.text ?? "", /48/);
    await act(state, { do: "end" });
  });

  it("is stopped in the middle of a step, and not taken into the next turn", async () => {
    const request = { ...story, max_tokens: 900, ignore_eos: true };
    let state = await start({ kind: "chat", request, turns: ["And then?"] });
    const stepping = act(state, { ...step, count: 800 });
    state = await act(state, { do: "pause" });
    const stopped = await stepping;
    assert.deepEqual([stopped.branches.length, stopped.branches[0]?.over], [1, null]);
    await act(state, { do: "end" });
  });

  it("begins no more sessions than there may be, however many begin at once, and none with a request that is refused", async () => {
    const starts = await Promise.allSettled(Array.from({ length: 20 }, async () => await start({ kind: "chat", request: { ...story } })));
    const begun = starts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    assert.deepEqual([begun.length, new Set(starts.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : [])))], [16, new Set(["InfernoError: There are 16 debug sessions already."])]);
    for (const state of begun) await act(state, { do: "end" });
    await assert.rejects(start({ kind: "chat", request: { ...story, messages: [user("sun ".repeat(5000))] } }), InfernoError);
    assert.deepEqual((await client.call("debugSessions", {})).sessions, []);
  });

  it("attaches to a request in work, whose client then gets the rest", async () => {
    const events = client.stream("chatCompletions", { body: { model: "ember", messages: [user("Tell me a story")], temperature: 0, max_tokens: 200, logit_bias: [], ignore_eos: true, stream: true } });
    let text = "";
    let state: DebugState | null = null;
    for await (const chunk of events) {
      text += chunk.choices[0]?.delta.content ?? "";
      if (state !== null || text.length < 20) continue;
      const trace = (await client.call("traces", { query: { limit: 1 } })).traces[0]?.id ?? "";
      state = await start({ kind: "attach", trace, breakpoints: [] });
      assert.ok(state.attached);
      const stepped = await act(state, { ...step, count: 2 });
      assert.equal(stepped.branches[0]!.tokens, state.branches[0]!.tokens + 2);
      // Others are served meanwhile.
      await asked({ ...story, max_tokens: 5 });
      const forked = await act(stepped, { do: "fork", token: stepped.at.token!, sampling: { temperature: 1, seed: 4 } });
      assert.equal(forked.branches.length, 2);
      assert.deepEqual([forked.at.token, forked.branches[1]?.tokens], [stepped.at.token, stepped.at.token! + 1]);
      await act(forked, { do: "end" });
    }
    const whole = await client.call("chatCompletions", { body: { model: "ember", messages: [user("Tell me a story")], temperature: 0, max_tokens: 200, ignore_eos: true } });
    assert.equal(text, whole.choices[0]?.message.content);
    assert.deepEqual((await client.call("debugSessions", {})).sessions, []);
  });

  it("shows what a grammar refused, and refuses what it does not allow", async () => {
    const request = { ...story, temperature: 0, grammar: 'root ::= "Berlin" | "Bonn"' };
    let state = await start({ kind: "chat", request, breakpoints: [{ kind: "grammar_dead_end" }] });
    const { grammar, stages, chosenBy } = await token(state, 0);
    assert.ok(grammar !== null);
    if (chosenBy === "grammar") assert.ok(grammar.refused !== null && stages?.some(({ name }) => name === "grammar"));
    const forbidden = await client.call("tokenize", { body: { model: "ember", content: "x", add_special: false } });
    const [forbiddenId] = forbidden.tokens;
    assert.ok(typeof forbiddenId === "number");
    await assert.rejects(act(state, { do: "fork", token: 0, choose: forbiddenId }), refused("debug_impossible", /grammar does not allow/));
    state = await act(state, { do: "continue" });
    assert.match(state.branches[0]?.text ?? "", /^B/);
    await act(state, { do: "end" });
  });

  it("is ended with its model, and says what it cannot do", async () => {
    const state = await start({ kind: "chat", request: story });
    await assert.rejects(act(state, { do: "fork", token: 0 }), refused("invalid_request", /choose/));
    await assert.rejects(act(state, { do: "fork", token: 9, choose: 1 }), refused("debug_impossible", /Token 9 is not known/));
    await assert.rejects(act(state, { do: "fork", token: 0, choose: 99_999_999 }), refused("invalid_request", /vocabulary/));
    await assert.rejects(act(state, { do: "fork", token: 0, text: "two words" }), refused("invalid_request", /tokens of this model/));
    await assert.rejects(start({ kind: "attach", trace: "nobody", breakpoints: [] }), refused("trace_not_found", /nobody/));
    await assert.rejects(start({ kind: "attach", trace: await asked(story), breakpoints: [] }), refused("debug_impossible", /not in work/));
    await assert.rejects(start({ kind: "replay", trace: state.at.trace, breakpoints: [] }), refused("debug_impossible", /still in work/));
    await client.call("unloadModel", { body: { model: "ember" } });
    await assert.rejects(act(state, step), refused("debug_session_not_found", /No debug session/));
    const again = await start({ kind: "chat", request: story });
    const { models } = await client.call("models", {});
    process.kill(models.find(({ name }) => name === "ember")?.pid ?? 0, "SIGKILL");
    const dead = await act(again, { do: "continue" });
    assert.deepEqual([dead.branches[0]?.over, dead.branches[0]?.error?.error.code], ["failed", "model_host_crashed"]);
    await act(dead, { do: "end" });
  });
});
