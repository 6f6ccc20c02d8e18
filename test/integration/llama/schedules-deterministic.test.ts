import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import fc from "fast-check";
import { mulberry32 } from "../../../base/random.ts";
import { writeGguf, type TensorType } from "../../../bench/models/gguf.ts";
import { randomModel, randomTensor } from "../../../bench/models/random-model.ts";
import { word } from "../../../bench/models/syllables.ts";
import type { GenerateRequest } from "../../../runtime/host/messages.ts";
import { creative, emberPath, greedy, loadEmber } from "./ember.ts";
import { cpuLibrary, openPlainLoop } from "./plain-loop.ts";
import { RealHost, type RealHostOptions } from "./real-host.ts";
import { asking, sendAll, tally, type Ask } from "./schedules.ts";

const shape = { name: "tiny", width: 64, layers: 3, heads: 2, kvHeads: 1, hidden: 128, vocabulary: 1000, context: 1024 };
const batch = 32;
/** Cells of a sequence: above 512 llama.cpp's attention has one more kernel. */
const context = 768;

const words = (count: number, first: number): string => Array.from({ length: count }, (_, index) => ` ${word((first + index * 7) % 500)}`).join("");
/** Common beginnings of less than a step, of a few, and of more than 512 tokens. */
const systems = [words(5, 1), words(75, 2), words(530, 3)];
const questions = [4, 9, 20, 26, 27, 28, 40, 70].map((count, index) => words(count, 11 * index));
const textOf = ({ system, question }: Ask): string => `${systems[system] ?? ""}${questions[question] ?? ""}`;
/** Every third is drawn, the others are greedy. */
const isDrawn = ({ question }: Ask): boolean => question % 3 === 0;
const paramsOf = (it: Ask): GenerateRequest["params"] => ({ ...(isDrawn(it) ? { ...creative, seed: 5 } : greedy), topLogprobs: 0 });

/** Tokens with their log-probabilities to the last bit: these would show a difference long before another token is chosen. */
const answerOf = (real: RealHost, id: string, choice: number): string[] => real.recordsOf(id, choice).map((token) => `${token.id} ${token.logprob ?? "-"}`);

suite("a deterministic model's answers do not depend on what else runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "inferno-deterministic-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const library = cpuLibrary();

  const tiny = (type: TensorType): string => {
    const path = join(folder, `${type}.gguf`);
    const { metadata, tensors } = randomModel(shape, 1, type);
    // With the embedding for an output layer it would say one word again and again.
    writeGguf(path, { metadata, tensors: [...tensors, randomTensor("output.weight", [shape.width, shape.vocabulary], mulberry32(2), type)] });
    return path;
  };

  for (const [type, options] of [
    ["f16", { kvType: "f16" }], ["f32", { kvType: "f32" }], ["f32", { kvType: "bf16" }], ["q8_0", { kvType: "f16" }], ["q4_0", { kvType: "q8_0" }],
  ] as const satisfies readonly (readonly [TensorType, RealHostOptions])[]) {
    test(`weights of ${type}, cache of ${options.kvType}`, async () => {
      const all: RealHostOptions = { ...options, path: tiny(type), context, batch, deterministic: true };
      const [real, lone] = [await RealHost.open({ ...all, parallel: 12 }), await RealHost.open({ ...all, parallel: 1 })];
      const plain = openPlainLoop({ path: all.path!, kvType: options.kvType, cells: context, chunk: batch }, library);
      const seen = new Map<string, number>();
      const known = new Map<string, readonly string[][]>();
      /** Nothing else runs, nothing is shared. */
      const alone = async (it: Ask): Promise<readonly string[][]> => {
        const text = textOf(it);
        if (!known.has(text)) {
          const prompt = { kind: "text", text } as const;
          lone.ask(text, { prompt, params: paramsOf(it), maxTokens: 70, choices: 2, cachePrompt: false });
          await lone.settled();
          known.set(text, [0, 1].map((choice) => answerOf(lone, text, choice)));
          if (!isDrawn(it)) assert.deepEqual(lone.tokensOf(text), plain.greedy(real.promptOf({ prompt }), 70).tokens, "libllama's own");
        }
        return known.get(text)!;
      };
      let round = 0;
      await fc.assert(fc.asyncProperty(asking({ systems: systems.length, questions: questions.length }), async (asks) => {
        round += 1;
        const idOf = (index: number): string => `${round}.${index}`;
        await sendAll(real, asks, (it, index) => ({ id: idOf(index), prompt: { kind: "text", text: textOf(it) }, params: paramsOf(it) }));
        for (const [index, it] of asks.entries()) {
          const id = idOf(index);
          tally(real.events.get(id) ?? [], seen);
          const whole = real.isWhole(id);
          assert.ok(whole || it.cancelAfter !== null, `${id} failed and nobody cancelled it`);
          for (let choice = 0; choice < it.choices; choice += 1) {
            const answer = answerOf(real, id, choice);
            const expected = (await alone(it))[choice]!.slice(0, it.maxTokens);
            assert.deepEqual(answer, whole ? expected : expected.slice(0, answer.length), `${id}.${choice}`);
          }
        }
        real.assertEmpty();
      }), { numRuns: 3, seed: 3, endOnFailure: true });
      for (const [what, least] of [["running", 10], ["cached", 5], ["cancelled", 5]] as const) assert.ok((seen.get(what) ?? 0) >= least, `${what}: ${seen.get(what) ?? 0} times only`);
      for (const each of [real, lone, plain]) each.dispose();
    });
  }

  const load = (options: RealHostOptions) => loadEmber({ path: emberPath, deterministic: true, ...options });

  test("the cells are each request's own", async () => {
    const backend = await load({ parallel: 2 });
    assert.deepEqual([backend.capacity.layout, backend.capacity.deterministic], ["per_sequence", true]);
    assert.throws(() => backend.step([0, 1].map((sequence) => ({ sequence, tokens: [8], position: 0, sampler: null }))), /one sequence/);
    backend.dispose();
    for (const options of [{ kvLayout: "unified" }, { parallel: 2, kvCells: 600 }, { draftTokens: 4 }] as const) {
      await assert.rejects(load(options), { code: "model_load_failed", param: "deterministic" });
    }
  });
});
