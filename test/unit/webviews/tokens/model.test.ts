import assert from "node:assert/strict";
import { test } from "node:test";
import type { DebugBranch, DebugState, DebugToken } from "../../../../protocol/api/debug.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { ToTokens } from "../../../../protocol/panels/tokens.ts";
import { branchRows } from "../../../../webviews/tokens/branches.ts";
import { differenceOf } from "../../../../webviews/tokens/difference.ts";
import { closerOf, conversationIn, initialTokens, placeOf, reduceTokens, type TokensState } from "../../../../webviews/tokens/model.ts";
import { sampleTrace } from "../../../drivers/panels/sample-trace.ts";
import { sampleTokens } from "../../../drivers/panels/sample-tokens.ts";

const received = (state: TokensState, message: ToTokens): TokensState => reduceTokens(state, { type: "received", message });
const trace = sampleTrace();
const prompt = ["<|im_start|>", "user", "\n", "Hi"];
const tokens = sampleTokens(trace.id, prompt, ["The", " sun", " is", " hot", "."]);
const shown = received(initialTokens, { type: "trace", trace, tokens });

const branch = (name: string, parent: DebugBranch["parent"]): DebugBranch => ({ trace: name, parent, kind: parent === null ? "start" : "fork", tokens: 3, over: null, error: null, text: "" });
const debug = (change: Partial<DebugState> = {}): DebugState => ({
  id: "d1", model: "ember", status: "stopped", reason: "goto", hits: [], at: { trace: "again", token: 2 }, branches: [branch("again", null), branch("forked", { trace: "again", token: 2 })],
  breakpoints: [], turnsLeft: 0, attached: false, replay: { of: trace.id, compared: 3, exact: true, firstDifference: null, reasons: [] }, ...change,
});
const forked = sampleTokens("forked", [], ["The", " sun", " was", " hot", "."], { prompt: null });

test("prompt and answer follow each other, and a line ends where the text's does", () => {
  assert.deepEqual([shown.conversation.prompt, shown.conversation.tokens.length], [4, 9]);
  assert.deepEqual(shown.lines, [{ from: 0, to: 3 }, { from: 3, to: 4 }, { from: 4, to: 9 }]);
  assert.deepEqual(shown.conversation.tokens.map(({ cached }) => cached).slice(0, 4), [true, true, false, false]);
  assert.deepEqual(shown.conversation.tokens[5]?.choice?.candidates.map(({ text }) => text), [" sun", " other"]);
});

test("only tokens of the answer have a place in a debug session", () => {
  assert.equal(placeOf(reduceTokens(shown, { type: "select", index: 2 })), null);
  assert.deepEqual(placeOf(reduceTokens(shown, { type: "select", index: 6 })), { trace: trace.id, token: 2 });
  assert.equal(reduceTokens(shown, { type: "select", index: 99 }).selected, -1);
});

test("growth keeps what is selected; another trace starts anew", () => {
  const selected = reduceTokens(shown, { type: "select", index: 6 });
  const grown = received(selected, { type: "growth", tokens: sampleTokens(trace.id, prompt, ["The", " sun", " is", " hot", ".", " Very"]) });
  assert.deepEqual([grown.selected, grown.conversation.tokens.length], [6, 10]);
  const other = received(grown, { type: "trace", trace: sampleTrace({ id: "tr_other" }), tokens: sampleTokens("tr_other", prompt, ["No"]) });
  assert.deepEqual([other.selected, other.branch], [-1, "tr_other"]);
  assert.equal(received(other, { type: "growth", tokens }), other, "what comes late for the trace before is nobody's");
});

test("a branch appears beside the recorded answer, keeps its prompt and is compared with it", () => {
  const state = received(received(shown, { type: "debug", state: debug(), work: "fork" }), { type: "branch", tokens: forked });
  assert.deepEqual([state.branch, state.against], ["forked", trace.id]);
  assert.deepEqual(branchRows(debug()).map(({ trace: name, depth, parent }) => [name, depth, parent?.trace]), [[trace.id, 1, undefined], ["forked", 2, trace.id]]);
  const [left, right] = [conversationIn(state, trace.id)!, state.conversation];
  assert.deepEqual([right.prompt, right.tokens[3]?.text], [4, "Hi"]);
  const { parts, common, leftSum } = differenceOf(left, right);
  assert.equal(common, 2);
  assert.deepEqual(parts.map(({ kind, left: a, right: b }) => [kind, a.map(({ text }) => text).join(""), b.map(({ text }) => text).join("")]), [
    ["same", "The sun", "The sun"], ["changed", " is", " was"], ["same", " hot.", " hot."],
  ]);
  assert.ok(leftSum !== null && Math.abs(leftSum + 1.5) < 1e-9);
  const ended = received(reduceTokens(state, { type: "view", view: "difference" }), { type: "debug", state: null, work: null });
  assert.deepEqual([ended.branch, ended.branches.size, ended.view], [trace.id, 0, "text"]);
});

test("a replay that came out otherwise is a branch of its own", () => {
  const replay = { of: trace.id, compared: 3, exact: false, firstDifference: 1, reasons: ["Another file."] };
  assert.equal(branchRows(debug({ replay }))[0]?.trace, "again");
});

test("what was looked at closer belongs to its token; a refusal stays until something else is tried", () => {
  const token = { trace: "again", index: 2 } as DebugToken;
  const looked = received(received(reduceTokens(shown, { type: "select", index: 6 }), { type: "debug", state: debug(), work: null }), { type: "closer", token });
  assert.equal(closerOf(looked), token);
  assert.equal(closerOf(reduceTokens(looked, { type: "select", index: 7 })), null);
  const refused = received(looked, { type: "refused", error: new InfernoError("debug_impossible", "No text.").toBody() });
  assert.equal(received(refused, { type: "debug", state: debug(), work: null }).refused?.code, "debug_impossible");
  assert.equal(received(refused, { type: "debug", state: debug(), work: "look" }).refused, null);
});
