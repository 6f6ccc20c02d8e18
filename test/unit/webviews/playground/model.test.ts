import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { ToPlayground } from "../../../../protocol/panels/playground.ts";
import {
  canAsk, canSend, initialPlayground, reducePlayground, requestOf, streaming, type PlaygroundAction, type PlaygroundState,
} from "../../../../webviews/playground/model.ts";
import { fromSaved, toSaved } from "../../../../webviews/playground/saved.ts";
import { sampleModel } from "../../../drivers/panels/panel-script.ts";

const run = (state: PlaygroundState, ...actions: PlaygroundAction[]): PlaygroundState => actions.reduce(reducePlayground, state);
const got = (message: ToPlayground): PlaygroundAction => ({ type: "received", message });
const draft = (text: string): PlaygroundAction => ({ type: "draft", text });
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, prompt_tokens_details: { cached_tokens: 0 } };
const timings = {
  trace_id: "tr_1", ttft_ms: 5, prompt_ms: 3, predicted_ms: 4, tokens_per_second: 100, cached_tokens: 0, truncated_tokens: 0, drafted_tokens: 0, accepted_tokens: 0,
};
const finished = (id: number): PlaygroundAction => got({ type: "finished", id, reason: "stop", usage, timings });
const failed = (id: number, code: "queue_full" | "request_cancelled"): PlaygroundAction => got({ type: "failed", id, error: new InfernoError(code, "Why.").toBody() });
const ready = run(initialPlayground, got({ type: "models", models: [sampleModel({ name: "base", task: "completion" }), sampleModel()] }));

test("the first model that chats is chosen, and a choice stays when the list comes again", () => {
  assert.equal(ready.model, "ember");
  const other = run(ready, { type: "choose", model: "other" }, got({ type: "models", models: [sampleModel()] }));
  assert.equal(other.model, "other");
});

test("a question becomes a request with the system prompt, the conversation and the settings that were made", () => {
  const first = run(ready, { type: "system", text: " Be brief. " }, { type: "sampling", field: "temperature", value: 0 }, { type: "sampling", field: "seed", value: undefined }, draft(" Hello "), { type: "send" });
  assert.equal(first.draft, "");
  assert.deepEqual(requestOf(first), {
    type: "send", id: 1, model: "ember", turns: [{ role: "system", content: "Be brief." }, { role: "user", content: "Hello" }], sampling: { temperature: 0 },
  });
  const second = run(first, got({ type: "text", id: 1, text: "Hi" }), got({ type: "text", id: 1, text: "." }), finished(1), draft("And?"), { type: "send" });
  assert.deepEqual(requestOf(second)?.turns.slice(1), [{ role: "user", content: "Hello" }, { role: "assistant", content: "Hi." }, { role: "user", content: "And?" }]);
});

test("nothing is sent without text, without a model, or while an answer streams", () => {
  assert.equal(canSend(run(ready, draft("  "))), false);
  assert.equal(canSend(run(initialPlayground, draft("Hello"))), false);
  const busy = run(ready, draft("One"), { type: "send" }, draft("Two"));
  assert.equal(canSend(busy), false);
  assert.equal(run(busy, { type: "send" }), busy);
});

test("a stop keeps the text; a failure says why; both can be asked again, in their place", () => {
  const asked = run(ready, draft("One"), { type: "send" }, got({ type: "text", id: 1, text: "Half" }));
  const stopped = run(asked, failed(1, "request_cancelled"));
  assert.deepEqual([stopped.exchanges[0]?.answer, stopped.exchanges[0]?.outcome.type], ["Half", "stopped"]);
  const broken = run(asked, failed(1, "queue_full"));
  assert.equal(broken.exchanges[0]?.outcome.type === "failed" && broken.exchanges[0].outcome.error.code, "queue_full");
  const again = run(broken, { type: "again" });
  assert.deepEqual([again.exchanges.length, again.exchanges[0]?.id, again.exchanges[0]?.answer], [1, 2, ""]);
  assert.deepEqual(requestOf(again)?.turns, [{ role: "user", content: "One" }]);
});

test("a question that failed without a word is not told to the model later", () => {
  const next = run(ready, draft("One"), { type: "send" }, failed(1, "queue_full"), draft("Two"), { type: "send" });
  assert.deepEqual(requestOf(next)?.turns, [{ role: "user", content: "Two" }]);
});

test("late messages of an answer that ended or was cleared change nothing", () => {
  const ended = run(ready, draft("One"), { type: "send" }, finished(1));
  assert.deepEqual(run(ended, got({ type: "text", id: 1, text: "late" }), failed(1, "queue_full")).exchanges, ended.exchanges);
  const cleared = run(ready, draft("One"), { type: "send" }, { type: "clear" }, got({ type: "text", id: 1, text: "late" }));
  assert.deepEqual([cleared.exchanges, canAsk(cleared)], [[], true]);
});

test("whatever arrives in whatever order, at most one answer streams, ids never repeat, and saved state loads again", () => {
  const id = fc.integer({ min: 0, max: 8 });
  const action: fc.Arbitrary<PlaygroundAction> = fc.oneof(
    fc.string().map(draft), fc.constantFrom<PlaygroundAction>({ type: "send" }, { type: "again" }, { type: "clear" }, { type: "defaults" }),
    fc.tuple(id, fc.string()).map(([at, text]) => got({ type: "text", id: at, text })), id.map(finished), id.map((at) => failed(at, "queue_full")),
    fc.constant(got({ type: "models", models: [] })), fc.string().map((text): PlaygroundAction => ({ type: "system", text })),
  );
  fc.assert(fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
    const state = run(ready, ...actions);
    const ids = state.exchanges.map(({ id: own }) => own);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.every((own) => own < state.nextId));
    assert.ok(state.exchanges.filter(({ outcome }) => outcome.type === "streaming").length <= 1);
    assert.equal(requestOf(state) === null, streaming(state) === null);
    assert.equal(requestOf(state)?.turns.at(-1)?.role ?? "user", "user");
    const loaded = fromSaved(JSON.parse(JSON.stringify(toSaved(state))));
    assert.equal(streaming(loaded), null);
    assert.deepEqual(loaded.exchanges.map(({ answer }) => answer), state.exchanges.map(({ answer }) => answer));
  }));
});

test("state that another version saved is not trusted", () => {
  assert.equal(fromSaved({ exchanges: "none" }), initialPlayground);
  assert.equal(fromSaved(undefined), initialPlayground);
});
