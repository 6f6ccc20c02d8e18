import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { requestOf, type Row as EvaluationRow } from "../../ember/rows.ts";
import type { Ask, Stream } from "../../load/job.ts";
import { mirrored, sum } from "../../statistics.ts";
import { atLeast, atMost, row, type Bar } from "../row.ts";
import type { Scenario } from "../scenario.ts";
import type { Side } from "../side.ts";

const root = resolve(import.meta.dirname, "../../..");
const modes = ["off", "ngram", "draft"] as const;

/** Rows of Ember's evaluation by what speculation should do for them. */
const kinds: readonly { readonly name: string; readonly tasks: readonly string[]; readonly perTask: number; readonly bar: Bar }[] = [
  { name: "edits", tasks: ["replace", "code_edit"], perTask: 4, bar: atLeast(2) },
  { name: "others", tasks: ["chat", "arith", "story"], perTask: 2, bar: atLeast(0.97) },
];

function asksOf(tasks: readonly string[], perTask: number): Ask[] {
  const rows = readFileSync(join(root, "bench/ember/eval.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as EvaluationRow);
  return tasks.flatMap((task) => rows.filter((one) => one.task === task).slice(0, perTask)).flatMap((one) => {
    const request = requestOf(one);
    return request.kind === "chat" ? [{ prompt: request.messages, maxTokens: 200 }] : [];
  });
}

/** Tokens behind the first ones, by the time they took. */
function rate(answers: readonly Stream[]): number {
  const timed = answers.filter(({ textMs }) => textMs.length > 1);
  return sum(timed.map(({ completionTokens }) => completionTokens - 1)) / (sum(timed.map(({ textMs }) => textMs.at(-1)! - textMs[0]!)) / 1000);
}

export const speculation: Scenario = {
  name: "speculation",
  about: "a heavy Ember alone, with prompt lookup and with a draft model: rewriting a text, and answers where guessing does not help",
  oursOnly: true,
  run: async ({ ours, load, rounds, modelOf }) => {
    const sides: Side[] = [];
    try {
      for (const mode of modes) {
        const draft = mode === "draft" ? { draft: join(root, "runtime/models/ember/ember-draft-q8_0.gguf") } : {};
        sides.push(await ours({ model: modelOf("ember-heavy"), parallel: 1, context: 2048, settings: { kv_type: "bf16", speculation: { mode, ...draft } } }));
      }
      const rows = [];
      for (const { name, tasks, perTask, bar } of kinds) {
        const asks = asksOf(tasks, perTask);
        const answer = async (side: Side): Promise<Stream[]> => {
          const answers = [];
          for (const ask of asks) answers.push(...await load.run({ target: side.target, asks: [ask] }));
          return answers;
        };
        for (const side of sides) await answer(side);
        const [off = [], ...guessing] = await mirrored(rounds, sides.map((side) => () => answer(side)));
        const scenario = `speculation, ${name}`;
        for (const [index, runs] of guessing.entries()) {
          const mode = modes[index + 1]!;
          const different = runs.map((answers, run) => answers.filter(({ text }, at) => text !== off[run]?.[at]?.text).length);
          rows.push(
            row({ scenario, figure: `${mode} by off`, unit: "tokens/s", ours: runs.map(rate), peer: off.map(rate), bar }),
            row({ scenario, figure: `${mode}: answers that differ`, unit: "", ours: different, peer: null, bar: atMost(0), absolute: true }),
          );
        }
      }
      return rows;
    } finally {
      for (const side of sides) await side.stop();
    }
  },
};
