import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FromHost, GenerationEvent } from "../../../../runtime/host/messages.ts";
import { greedy, Host, withHost } from "./harness.ts";

const mix = "fake:mix?vocabulary=bytes&words=5000&stepUs=10000&tokenUs=100";
const prompt = { kind: "text", text: "once upon a time" } as const;
const speculation = (mode: "ngram" | "draft", draft: string | null = null) => (
  { draftTokens: 8, batch: 256, host: { speculation: { mode, draft, maxTokens: 8, candidates: 2 } } });

const counts = (events: readonly GenerationEvent[]) => events.flatMap((event) => (event.type === "finish" ? [event.speculation] : []))[0]!;
const stepsOf = (said: readonly FromHost[]): number => said.filter((message) => message.type === "events" && message.step !== undefined).length;
const answerOf = async (path: string, limits: Parameters<typeof withHost>[1], params = greedy, speculate = true) => {
  let result = { text: "", steps: 0, drafted: 0, accepted: 0 };
  await withHost(path, limits, async (host) => {
    const { text, events } = await host.answer("a", { prompt, params, maxTokens: 200, speculate });
    result = { text, steps: stepsOf(host.said), ...counts(events) };
  });
  return result;
};

describe("with a draft model", () => {
  for (const [name, params] of [["greedy", greedy], ["sampled", { ...greedy, temperature: 1, seed: 5 }]] as const) {
    test(`a ${name} answer is the same, in fewer steps`, async () => {
      const plain = await answerOf(mix, { batch: 256 }, params);
      const guessed = await answerOf(mix, speculation("draft", `${mix.replace("10000", "500")}&skew=20`), params);
      assert.equal(guessed.text, plain.text);
      assert.ok(guessed.drafted > 0 && guessed.accepted <= guessed.drafted);
      // The draft model guesses what is most likely, which is not what a sampled answer says here.
      if (params === greedy) assert.ok(guessed.steps < 0.5 * plain.steps, `${guessed.steps} of ${plain.steps} steps`);
    });
  }

  test("a request may do without", async () => {
    assert.equal((await answerOf(mix, speculation("draft", mix), greedy, false)).drafted, 0);
  });

  test("of another vocabulary, or none, the model does not load", async () => {
    for (const [draft, message] of [["fake:echo", /has another vocabulary/], [null, /needs a draft model/]] as const) {
      const host = new Host();
      host.load(mix, speculation("draft", draft));
      await host.closed;
      const failed = host.said.find((it) => it.type === "loadFailed");
      assert.ok(failed?.type === "loadFailed");
      assert.equal(failed.error.error.code, "model_load_failed");
      assert.equal(failed.error.error.param, "speculation.draft");
      assert.match(failed.error.error.message, message);
    }
  });
});

describe("with prompt lookup", () => {
  test("a text that is said again comes in fewer steps", async () => {
    const text = "the quick brown fox jumps over the lazy dog and then it rests in the shade of an old tree near the river";
    const path = `fake:say?text=${encodeURIComponent(`${text} ${text} ${text}`)}&stepUs=10000&tokenUs=100`;
    const [plain, guessed] = [await answerOf(path, {}), await answerOf(path, speculation("ngram"))];
    assert.equal(guessed.text, plain.text);
    assert.ok(guessed.steps < 0.6 * plain.steps, `${guessed.steps} of ${plain.steps} steps`);
  });

  test("a model whose state cannot be cut back guesses nothing", async () => {
    assert.equal((await answerOf("fake:say?text=a+b+c+a+b+c+a+b+c&truncates=false", speculation("ngram"))).drafted, 0);
  });
});
