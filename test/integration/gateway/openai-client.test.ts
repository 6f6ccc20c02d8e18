import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import OpenAI from "openai";
import { eventually } from "../../drivers/eventually.ts";
import { startTestDaemon, user, type TestDaemon } from "../../drivers/test-daemon.ts";

let gateway: TestDaemon;
let openai: OpenAI;
before(async () => {
  gateway = await startTestDaemon({ yaml: { models: { count: { source: "fake:count?tokenUs=500", context: 1_000_000 } } } });
  openai = new OpenAI({ baseURL: `${gateway.daemon.url}/v1`, apiKey: gateway.daemon.token, maxRetries: 0 });
});
after(async () => await gateway[Symbol.asyncDispose]());

const question = [user("What is 17 + 25?")];
const greedy = { model: "ember", temperature: 0, max_tokens: 24 };

it("lists the models", async () => {
  const models = await openai.models.list();
  assert.deepEqual(models.data.map(({ id }) => id), ["ember", "count"]);
});

it("describes one model, and says when there is none", async () => {
  assert.equal((await openai.models.retrieve("count")).id, "count");
  await assert.rejects(openai.models.retrieve("nope/at:all"), { status: 404, code: "model_not_found" });
});

it("chats with Ember", async () => {
  const answer = await openai.chat.completions.create({ ...greedy, messages: question });
  assert.match(answer.choices[0]?.message.content ?? "", /42/);
  assert.equal(answer.choices[0]?.finish_reason, "stop");
  assert.ok((answer.usage?.completion_tokens ?? 0) > 0);
});

it("streams the same answer, with usage", async () => {
  const whole = await openai.chat.completions.create({ ...greedy, messages: question });
  const stream = await openai.chat.completions.create({ ...greedy, messages: question, stream: true, stream_options: { include_usage: true } });
  let text = "";
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0]?.message.content);
  assert.deepEqual(usage, whole.usage);
});

it("streams through the helper that gathers", async () => {
  const stream = openai.chat.completions.stream({ ...greedy, messages: question });
  const final = await stream.finalChatCompletion();
  assert.match(final.choices[0]?.message.content ?? "", /42/);
});

it("gets log probabilities: the chosen token is the likeliest when sampling is greedy", async () => {
  const answer = await openai.chat.completions.create({ ...greedy, messages: question, logprobs: true, top_logprobs: 3 });
  const tokens = answer.choices[0]?.logprobs?.content ?? [];
  assert.ok(tokens.length > 0);
  for (const { token, logprob, top_logprobs: top } of tokens) {
    assert.equal(top.length, 3);
    assert.deepEqual([top[0]?.token, top[0]?.logprob], [token, logprob]);
    const mass = top.reduce((sum, other) => sum + Math.exp(other.logprob), 0);
    assert.ok(mass > 0 && mass <= 1 + 1e-6, `probabilities add to ${mass}`);
  }
  assert.equal(Buffer.from(tokens.flatMap(({ bytes }) => bytes ?? [])).toString("utf8"), answer.choices[0]?.message.content);
});

it("completes text", async () => {
  const answer = await openai.completions.create({ model: "count", prompt: "Numbers:", max_tokens: 5 });
  assert.equal(answer.choices[0]?.text, "1 2 3 4 5");
  assert.equal(answer.usage?.completion_tokens, 5);
});

it("aborts: the model stops", async () => {
  const stream = await openai.chat.completions.create({ model: "count", messages: question, stream: true });
  for await (const chunk of stream) {
    if ((chunk.choices[0]?.delta.content ?? "").includes("5")) stream.controller.abort();
  }
  await eventually("the model to stop", async () => (await gateway.client.call("models")).models.every(({ running }) => running === 0));
});

it("gets its own error classes", async () => {
  const failure = async (promise: Promise<unknown>) => await promise.then(() => assert.fail("should have failed"), (error: unknown) => error);
  const unknown = await failure(openai.chat.completions.create({ model: "none", messages: question }));
  assert.ok(unknown instanceof OpenAI.NotFoundError);
  assert.deepEqual([unknown.code, unknown.param, unknown.type], ["model_not_found", "model", "not_found_error"]);
  const stranger = new OpenAI({ baseURL: `${gateway.daemon.url}/v1`, apiKey: "wrong", maxRetries: 0 });
  assert.ok((await failure(stranger.models.list())) instanceof OpenAI.AuthenticationError);
  const unsupported = await failure(openai.chat.completions.create({ model: "ember", messages: question, reasoning_effort: "high" }));
  assert.ok(unsupported instanceof OpenAI.BadRequestError);
});
