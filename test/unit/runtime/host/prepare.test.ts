import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { VirtualClock } from "../../../../base/clock.ts";
import type { ModelInfo } from "../../../../protocol/model.ts";
import { FakeBackend } from "../../../../runtime/backends/fake/fake-backend.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { fakeCapacity } from "../../../../runtime/backends/fake/index.ts";
import { fakeModelInfo } from "../../../../runtime/backends/fake/model-info.ts";
import { parseFakePath } from "../../../../runtime/backends/fake/options.ts";
import type { Prompt } from "../../../../runtime/host/messages.ts";
import { PromptPreparation } from "../../../../runtime/host/prepare.ts";
import { Timeline } from "../../../../runtime/host/timeline.ts";
import { plainLoad, plainRequest, withHost } from "./harness.ts";

const echo = parseFakePath("fake:echo");

/** A fake model with a BOS token, whose vocabulary adds it when asked to. */
class WithBos extends FakeBackend {
  override readonly model: ModelInfo;

  constructor(chatTemplate: string, clock: VirtualClock) {
    super(echo, fakeCapacity(echo, { ...plainLoad, parallel: 1, context: 100, batch: 32 }), virtualTime(clock));
    this.model = { ...fakeModelInfo(echo, this.capacity), chatTemplate, bosToken: "<s>" };
  }

  override tokenize(text: string, options: { addSpecial: boolean; parseSpecial: boolean }): number[] {
    return super.tokenize(options.addSpecial ? `<s>${text}` : text, options);
  }
}

function promptText(chatTemplate: string, prompt: Prompt): string {
  const clock = new VirtualClock();
  const backend = new WithBos(chatTemplate, clock);
  const preparation = new PromptPreparation(backend, clock, () => new Date(0));
  const { tokens } = preparation.prepare({ ...plainRequest, id: "a", prompt }, new Timeline(0));
  return Buffer.concat(tokens.map((token) => backend.tokenBytes(token))).toString("utf8");
}

const hello: Prompt = { kind: "messages", messages: [{ role: "user", content: "hello" }], tools: [] };

describe("the BOS token", () => {
  test("is added once, whether the template writes it or not", () => {
    assert.equal(promptText("{{ bos_token }}{{ messages[0].content }}", hello), "<s>hello");
    assert.equal(promptText("{{ messages[0].content }}", hello), "<s>hello");
  });

  test("is added to plain text as the vocabulary has it", () => {
    assert.equal(promptText("", { kind: "text", text: "<s>x" }), "<s><s>x");
  });
});

describe("a prompt that cannot fit", () => {
  const tooLong = { code: "context_length_exceeded" };

  test("is told of the cells, where they may be what keeps the context small", () => withHost("fake:echo", { context: 64, kvCells: 64, parallel: 1 }, async (host) => {
    const { last } = await host.answer("a", { prompt: { kind: "text", text: "x ".repeat(64) } });
    assert.ok(last.type === "failed");
    assert.match(last.error.error.hint, /raise `context` in inferno\.yaml, and `kv_cells` where it is set/);
  }));

  test("is not told of them where the context alone is too small", () => withHost("fake:echo", { context: 64, kvCells: 128, parallel: 2 }, async (host) => {
    const { last } = await host.answer("a", { prompt: { kind: "text", text: "x ".repeat(64) } });
    assert.ok(last.type === "failed" && !last.error.error.hint.includes("kv_cells"));
  }));

  test("is refused before its template is rendered, which may take minutes", () => {
    const template = "{{ raise_exception('rendered') }}";
    const messages = (count: number): Prompt => ({ kind: "messages", messages: Array.from({ length: count }, () => ({ role: "user", content: "" })), tools: [] });
    assert.throws(() => promptText(template, messages(100)), tooLong);
    assert.throws(() => promptText(template, messages(99)), { code: "template_failed" });
  });

  test("is refused before its tokens are counted, by its characters", () => {
    assert.throws(() => promptText("", { kind: "text", text: "x".repeat(100 * 256) }), { ...tooLong, message: /has 25600 characters/ });
    // One word is one token of the fake vocabulary.
    assert.doesNotThrow(() => promptText("", { kind: "text", text: "x".repeat(99 * 256) }));
  });
});
