import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import type { BatchItem } from "../../../runtime/backends/backend.ts";
import type { GenerateRequest } from "../../../runtime/host/messages.ts";
import { creative, greedy } from "./ember.ts";
import { RealHost, type RealHostOptions } from "./real-host.ts";

const layouts = ["unified", "per_sequence"] as const;
const chat = (question: string, system = ""): Partial<GenerateRequest> => ({
  prompt: { kind: "text", text: `${system === "" ? "" : `<|im_start|>system\n${system}<|im_end|>\n`}<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n` },
});

async function withHost(options: RealHostOptions, body: (real: RealHost) => Promise<void>): Promise<void> {
  const real = await RealHost.open(options);
  try {
    await body(real);
    real.assertEmpty();
  } finally {
    real.dispose();
  }
}

const width = (step: readonly BatchItem[]): number => step.reduce((sum, { tokens }) => sum + tokens.length, 0);
/** Tokens at positions of the prompt, over all decode calls. */
const promptTokens = (steps: readonly (readonly BatchItem[])[], prompt: number): number =>
  steps.flat().reduce((sum, { tokens, position }) => sum + Math.max(0, Math.min(prompt, position + tokens.length) - position), 0);

suite("1,000 requests, cancelled at random", () => {
  for (const kvLayout of layouts) {
    test(`leave no cell in use and no sampler, ${kvLayout}`, () => withHost({
      kvLayout, kvType: "bf16", parallel: 16, context: 160, batch: 256, speculation: "ngram", draftTokens: 4, candidates: 2, ...(kvLayout === "unified" && { kvCells: 400 }),
    }, async (real) => {
      const sample = fc.sample(fc.tuple(fc.nat(40), fc.nat(12), fc.integer({ min: 1, max: 12 }), fc.boolean()), { numRuns: 1000, seed: 11 });
      let cancelled = 0;
      for (let first = 0; first < sample.length; first += 40) {
        await Promise.all(sample.slice(first, first + 40).map(async ([number, delay, maxTokens, cancels], index) => {
          const id = `r${first + index}`;
          real.ask(id, { ...chat(`What is ${number} + 9?`), maxTokens });
          for (let i = 0; i < delay; i += 1) await turn();
          if (cancels) real.host.cancel(id);
        }));
        await real.settled();
      }
      for (let index = 0; index < sample.length; index += 1) if (!real.isWhole(`r${index}`)) cancelled += 1;
      assert.ok(cancelled > 200 && cancelled < 800, `${cancelled} cancelled`);
    }));
  }
});

suite("a prompt that several requests have in common goes through the model once", () => {
  const system = "You are Finn, a huge photographer who likes running. You are Finn, a slow tailor who likes hiking.";
  for (const kvLayout of layouts) {
    const options: RealHostOptions = { kvLayout, parallel: 16, context: 128, batch: 512 };

    test(`16 at the same moment share their system prompt, ${kvLayout}`, () => withHost(options, async (real) => {
      const asks = Array.from({ length: 16 }, (_, index) => chat(`${String.fromCharCode(65 + index)} is what?`, system));
      const prompts = asks.map((ask) => real.promptOf(ask));
      const shared = prompts[0]!.findIndex((token, at) => prompts.some((prompt) => prompt[at] !== token));
      assert.ok(shared > 30, `${shared} tokens in common`);
      for (const [index, ask] of asks.entries()) real.ask(`r${index}`, { ...ask, maxTokens: 2, params: { ...greedy, ignoreEnd: true } });
      await real.settled();
      const whole = prompts.reduce((sum, { length }) => sum + length, 0);
      assert.equal(real.decoded.reduce((sum, step) => sum + width(step), 0), whole - 15 * shared + 16, "and one token of each answer");
      assert.equal(real.reuseOf("r0").tokens, 0);
      for (let index = 1; index < 16; index += 1) {
        const { tokens, source } = real.reuseOf(`r${index}`);
        assert.deepEqual([tokens, source], [shared, "running"], `r${index}`);
      }
    }));

    test(`the choices of one request share its prompt, ${kvLayout}`, () => withHost(options, async (real) => {
      const ask = chat("Tell me a story about a fox.", system);
      const { length } = real.promptOf(ask);
      real.ask("a", { ...ask, choices: 4, maxTokens: 8, params: creative });
      await real.settled();
      // The last token of the prompt runs for each: its logits are where they part.
      assert.equal(promptTokens(real.decoded, length), length + 3);
      assert.equal(new Set([0, 1, 2, 3].map((choice) => real.textOf("a", choice))).size, 4, "each has a seed of its own");
    }));

    test(`a follow-up turn begins with the whole conversation, ${kvLayout}`, () => withHost(options, async (real) => {
      const first = chat("What is 17 + 25?", system);
      assert.ok(first.prompt?.kind === "text");
      const question = real.promptOf(first);
      real.ask("first", first);
      await real.settled();
      const followUp = { prompt: { kind: "text" as const, text: `${first.prompt.text}${real.textOf("first")}<|im_end|>\n<|im_start|>user\nare you a human?<|im_end|>\n<|im_start|>assistant\n` } };
      real.decoded.length = 0;
      real.ask("second", { ...followUp, maxTokens: 1 });
      await real.settled();
      const { tokens, source } = real.reuseOf("second");
      const held = question.length + real.tokensOf("first").length;
      assert.deepEqual([tokens, source], [held, "cached"]);
      assert.equal(real.decoded.reduce((sum, step) => sum + width(step), 0), real.promptOf(followUp).length - held);
    }));

    test(`streams of equal length take their steps together, ${kvLayout}`, () => withHost(options, async (real) => {
      const limit = 12;
      for (let index = 0; index < 16; index += 1) {
        real.ask(`r${index}`, { prompt: { kind: "text", text: `<|im_start|>user\n${String.fromCharCode(65 + index)} story.` }, maxTokens: limit, params: { ...creative, ignoreEnd: true, seed: index } });
      }
      await real.settled();
      const decodes = real.decoded.filter((step) => step.every(({ tokens: { length } }) => length === 1) && step.length > 1);
      assert.ok(decodes.every(({ length }) => length === 16), `widths ${decodes.map(({ length }) => length).join(" ")}`);
      // One for all prompts, then one for each token but the last.
      assert.equal(real.decoded.length, limit);
    }));
  }
});
