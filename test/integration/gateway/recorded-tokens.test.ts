import assert from "node:assert/strict";
import { test } from "node:test";
import { pieceBytes } from "../../../protocol/read-recording.ts";
import { startTestDaemon, user } from "../../drivers/test-daemon.ts";

test("through a real daemon, Ember's tokens are recorded as they were chosen, with what its trace needs to be understood elsewhere", async () => {
  await using it = await startTestDaemon();
  const body = { model: "ember", messages: [user("What is Inferno?")], max_tokens: 60, temperature: 0, logprobs: true, top_logprobs: 5 };
  const { choices: [choice], timings } = await it.client.call("chatCompletions", { body });
  const id = timings.trace_id;
  const trace = await it.client.call("trace", { params: { id } });
  const tokens = await it.client.call("traceTokens", { params: { id }, query: {} });
  const [answer] = tokens.answers;
  const asked = choice?.logprobs?.content;
  assert.ok(answer?.ids && answer.topIds && asked);
  assert.ok(asked.length > 5);
  // What the request itself asked for is the same; of half a character the answer reports nothing yet.
  for (const [index, { bytes, logprob }] of asked.entries()) {
    assert.deepEqual([...pieceBytes(tokens, answer.ids[index] ?? -1)], bytes);
    assert.ok(Math.abs(logprob - (answer.logprobs[index] ?? NaN)) < 1e-6);
  }
  assert.ok(answer.topIds.every((top, index) => top.length === 5 && top[0] === answer.ids?.[index]), "greedy takes the most likely");
  assert.ok(answer.entropies.every((entropy) => entropy !== null && entropy >= 0));
  assert.deepEqual(answer.timesUs, answer.timesUs.toSorted((a, b) => a - b));
  assert.ok(answer.timesUs.every((time) => time > 0 && time < trace.durationUs));
  assert.deepEqual([trace.template, trace.recording], ["file", "full"]);
  assert.match(trace.engine?.fingerprint ?? "", /^[0-9a-f]{64}$/);
  assert.equal(tokens.prompt?.ids.length, trace.promptTokens);
  assert.equal(Buffer.concat(tokens.prompt.ids.map((token) => pieceBytes(tokens, token))).toString(), trace.prompt);
  const { vitals } = tokens;
  assert.ok(vitals.timesUs.length > 0 && vitals.cells.every((cells, index) => cells <= (vitals.cellsInAll[index] ?? 0)));
  assert.ok(vitals.threads.at(-1) !== null);

  const again = await it.client.call("chatCompletions", { body });
  const second = await it.client.call("traceTokens", { params: { id: again.timings.trace_id }, query: {} });
  assert.deepEqual(second.answers[0]?.ids, answer.ids);
  assert.ok((second.prompt?.cached ?? 0) > 0, "the second prompt begins as the first");
});
