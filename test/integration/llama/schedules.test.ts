import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { firstDifference, nearTie } from "./near-ties.ts";
import { openPlainLoop, cpuLibrary, type PlainAnswer, type PlainLoop } from "./plain-loop.ts";
import { RealHost, type RealHostOptions } from "./real-host.ts";
import { asking, sendAll, tally, type Ask } from "./schedules.ts";

const systems = ["", "You are Finn, a huge photographer who likes running.", "You are Finn, a slow tailor."];
const questions = [
  "What is 17 + 25?", "What is 17 + 26?", "What is your hobby?", "are you a human?", "Repeat: apple pear plum apple pear plum",
  "Tell me a story about a fox.", "Tell me a story about a fox and a crow.", "Tell me a short story about a lantern.",
];

const textOf = ({ system, question }: Ask): string => {
  const [who = "", what = ""] = [systems[system], questions[question]];
  return `${who === "" ? "" : `<|im_start|>system\n${who}<|im_end|>\n`}<|im_start|>user\n${what}<|im_end|>\n<|im_start|>assistant\n`;
};

/**
 * Where llama.cpp computes every row alike: with caches of other types always, with f16 in steps of fewer than 64 tokens over fewer than 512
 * cells; and in one pool while nobody leaves holes in it. Beyond, answers may differ where two tokens are as good as equal.
 */
const shapes: readonly RealHostOptions[] = [
  { kvLayout: "unified", kvType: "f16", parallel: 32, kvCells: 200, context: 160, batch: 63 },
  { kvLayout: "per_sequence", kvType: "f16", parallel: 32, context: 160, batch: 63 },
  { kvLayout: "unified", kvType: "f16", parallel: 8, kvCells: 160, context: 160, batch: 63, speculation: "draft", draftTokens: 6 },
  { kvLayout: "unified", kvType: "bf16", parallel: 32, kvCells: 300, context: 160, batch: 256, speculation: "ngram", draftTokens: 6, candidates: 3 },
  { kvLayout: "per_sequence", kvType: "q8_0", parallel: 32, context: 160, batch: 256, speculation: "ngram", draftTokens: 6 },
  { kvLayout: "per_sequence", kvType: "bf16", parallel: 12, context: 160, batch: 128, speculation: "draft", draftTokens: 6 },
  { kvLayout: "unified", kvType: "q4_0", parallel: 20, kvCells: 200, context: 160, batch: 128 },
];

const expectedOf = ({ speculation, kvLayout }: RealHostOptions): readonly (readonly [what: string, least: number])[] => [
  ["running", 20], ["cached", 10], ["cancelled", 10],
  ...(speculation ? [["guessed", 20] as const] : []),
  // Sequences with cells of their own are never in each other's way.
  ...(kvLayout === "unified" && !speculation ? [["swapped", 1] as const] : []),
];

suite("greedy answers under random schedules are libllama's own", () => {
  const library = cpuLibrary();
  for (const shape of shapes) {
    const { kvLayout = "auto", kvType = "f16", parallel = 1, speculation = "no guesses" } = shape;
    test(`${kvLayout}, ${kvType}, ${parallel} at once, ${speculation}`, async () => {
      const plain: PlainLoop = openPlainLoop({ kvType }, library);
      const real = await RealHost.open(shape);
      const seen = new Map<string, number>();
      const known = new Map<string, PlainAnswer>();
      const expected = (it: Ask): PlainAnswer => {
        const text = textOf(it);
        if (!known.has(text)) known.set(text, plain.greedy(real.promptOf({ prompt: { kind: "text", text } }), 70));
        return known.get(text)!;
      };
      const gaps: number[] = [];
      let round = 0;
      await fc.assert(fc.asyncProperty(asking({ systems: systems.length, questions: questions.length }), async (asks) => {
        round += 1;
        const idOf = (index: number): string => `${round}.${index}`;
        await sendAll(real, asks, (it, index) => ({ id: idOf(index), prompt: { kind: "text", text: textOf(it) } }));
        for (const [index, it] of asks.entries()) {
          const id = idOf(index);
          tally(real.events.get(id) ?? [], seen);
          const whole = real.isWhole(id);
          assert.ok(whole || it.cancelAfter !== null, `${id} failed and nobody cancelled it`);
          for (let choice = 0; choice < it.choices; choice += 1) {
            const gap = firstDifference(real.tokensOf(id, choice), expected(it), it.maxTokens, whole);
            if (gap === null) continue;
            assert.ok(kvLayout === "unified" && gap < nearTie, `${id}.${choice}: ${real.textOf(id, choice)}`);
            gaps.push(gap);
          }
        }
        real.assertEmpty();
      }), { numRuns: 4, seed: 3, endOnFailure: true });
      assert.ok(gaps.length <= 5, `${gaps.length} answers differ`);
      for (const [what, least] of expectedOf(shape)) assert.ok((seen.get(what) ?? 0) >= least, `${what}: ${seen.get(what) ?? 0} times only`);
      real.dispose();
      plain.dispose();
    });
  }
});
