import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { GenerationParams } from "../../../protocol/model.ts";
import type { GenerateRequest } from "../../../runtime/host/messages.ts";
import { creative, greedy, loadEmber, chat, prefill, type Stream, generate } from "./ember.ts";
import { RealHost, type RealHostOptions } from "./real-host.ts";

const questions = ["What is 17 + 25?", "Tell me a story about a fox.", "are you a human?", "Repeat: apple pear plum apple pear plum"];
const settings: readonly GenerationParams[] = [
  creative, { ...creative, temperature: 0.7, repeatPenalty: 1.2, dryMultiplier: 0.8 }, { ...creative, mirostat: 2 }, { ...creative, xtcProbability: 0.5 },
];
const asks: readonly Partial<GenerateRequest>[] = Array.from({ length: 24 }, (_, index) => ({
  prompt: { kind: "text", text: `<|im_start|>user\n${questions[index % questions.length] ?? ""}<|im_end|>\n<|im_start|>assistant\n` },
  params: { ...settings[Math.floor(index / 4) % settings.length]!, seed: index, ignoreEnd: index % 3 === 0 }, maxTokens: 50,
}));

async function answers(options: RealHostOptions, { together, ...ask }: { together: boolean } & Partial<GenerateRequest>): Promise<{ tokens: number[][]; accepted: number; swaps: number }> {
  const real = await RealHost.open({ kvType: "bf16", context: 160, batch: 256, ...options });
  for (const [index, each] of asks.entries()) {
    real.ask(`r${index}`, { ...each, ...ask });
    if (!together) await real.settled();
  }
  await real.settled();
  const events = [...real.events.values()].flat();
  const swaps = events.flatMap(({ spans }) => spans).filter(({ name }) => name === "swap").length;
  const accepted = events.reduce((sum, event) => sum + (event.type === "finish" ? event.speculation.accepted : 0), 0);
  const tokens = asks.map((_, index) => real.tokensOf(`r${index}`));
  real.assertEmpty();
  real.dispose();
  return { tokens, accepted, swaps };
}

suite("a seed gives the same sampled tokens", () => {
  const mixes: readonly (readonly [what: string, options: RealHostOptions])[] = [
    ["beside 23 others, in one pool", { kvLayout: "unified", parallel: 24 }],
    ["beside others with cells of their own", { kvLayout: "per_sequence", parallel: 24 }],
    ["swapped out for want of cells", { kvLayout: "unified", parallel: 24, kvCells: 200 }],
    ["guessed by prompt lookup", { kvLayout: "unified", parallel: 24, speculation: "ngram", draftTokens: 5, candidates: 2 }],
    ["guessed by prompt lookup, with cells of their own", { kvLayout: "per_sequence", parallel: 24, speculation: "ngram", draftTokens: 5 }],
    ["guessed by a draft model", { kvLayout: "per_sequence", parallel: 24, speculation: "draft", draftTokens: 5 }],
  ];
  for (const [what, options] of mixes) {
    test(what, async () => {
      const alone = await answers({ parallel: 1 }, { together: false, cachePrompt: false });
      const mixed = await answers(options, { together: true });
      // In a pool that others leave holes in, cells are summed in another order, and few draws fall on the other side.
      const differ = mixed.tokens.filter((tokens, index) => tokens.join() !== alone.tokens[index]!.join()).length;
      assert.ok(differ <= (options.kvLayout === "unified" ? 4 : 0), `${differ} of ${asks.length} differ`);
      if (options.speculation !== undefined) assert.ok(mixed.accepted > 20, `${mixed.accepted} guesses were right`);
      if (options.kvCells !== undefined) assert.ok(mixed.swaps > 0);
    });
  }
});

test("guesses leave the distribution as it is: what a draft model proposes is drawn as often as without", async () => {
  const backend = await loadEmber({ kvType: "bf16", parallel: 1, draftTokens: 2 });
  const prompt = chat(backend, "Tell me a story about a fox.");
  const draws = 400;
  const count = (guess?: Stream["guess"]): Map<string, number> => {
    const seen = new Map<string, number>();
    for (let seed = 0; seed < draws; seed += 1) {
      prefill(backend, 0, prompt.slice(0, -1));
      // Other seeds for each side: the same ones would give the same tokens, and show nothing about how often.
      const params = { ...creative, temperature: 5, topK: 6, topP: 1, minP: 0, seed: guess ? seed : seed + draws };
      const [answer] = generate(backend, [{ sequence: 0, prompt, held: prompt.length - 1, params, ...(guess && { guess }) }], 2);
      const key = answer!.map(({ id }) => id).join(" ");
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    return seen;
  };
  prefill(backend, 0, prompt.slice(0, -1));
  const likely = generate(backend, [{ sequence: 0, prompt, held: prompt.length - 1, params: greedy }], 3)[0]!.map(({ id }) => id);
  const plain = count();
  const guessed = count((answer) => [likely.slice(answer.length, answer.length + 2)]);
  // Chi-squared of two samples over the pairs that are frequent enough; the rest is one more class.
  const rest = (of: Map<string, number>, kept: readonly string[]): number => draws - kept.reduce((sum, key) => sum + (of.get(key) ?? 0), 0);
  const frequent = [...new Set([...plain.keys(), ...guessed.keys()])].filter((key) => (plain.get(key) ?? 0) + (guessed.get(key) ?? 0) >= 20);
  const pairs = [...frequent.map((key) => [plain.get(key) ?? 0, guessed.get(key) ?? 0] as const), [rest(plain, frequent), rest(guessed, frequent)] as const];
  const chi = pairs.reduce((sum, [a, b]) => sum + (a + b === 0 ? 0 : (a - b) ** 2 / (a + b)), 0);
  assert.ok(frequent.length >= 5, `${frequent.length} classes`);
  // Five standard deviations above the mean of the distribution with so many degrees of freedom.
  const bound = frequent.length + 5 * Math.sqrt(2 * frequent.length);
  assert.ok(chi < bound, `chi-squared ${chi.toFixed(1)} with ${frequent.length} degrees of freedom`);
  backend.dispose();
});
