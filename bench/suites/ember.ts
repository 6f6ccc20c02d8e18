import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Client } from "../../protocol/client/index.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { count, type Benchmark } from "../benchmark.ts";
import { startDaemon } from "../daemon.ts";
import { isRight, requestOf, type Row, type RowAnswer } from "../ember/rows.ts";

const root = resolve(import.meta.dirname, "..", "..");

async function answer(client: Client, row: Row): Promise<RowAnswer> {
  const limits = { model: "bench", temperature: 0, max_tokens: 420 } as const;
  const request = requestOf(row);
  if (request.kind === "text") {
    const { choices } = await client.call("completions", { body: { ...limits, prompt: request.prompt } });
    return { text: choices[0]?.text ?? "", calls: [], ended: choices[0]?.finish_reason === "stop" };
  }
  const { choices } = await client.call("chatCompletions", { body: { ...limits, messages: request.messages, tools: request.tools } });
  const [choice] = choices;
  return { text: choice?.message.content ?? "", calls: choice?.message.tool_calls ?? [], ended: choice !== undefined && choice.finish_reason !== "length" };
}

/** Some rows of the task `long` do not fit into the context: a wrong answer, not the end of the evaluation. */
function tooLong(error: unknown): RowAnswer {
  if (error instanceof InfernoError && error.code === "context_length_exceeded") return { text: error.message, calls: [], ended: false };
  throw error;
}

export const ember: Benchmark = {
  name: "ember",
  about: "the evaluation rows of the embedded model, answered through the daemon",
  run: async (options) => {
    const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : count(options.limit, 1);
    const model = resolve(options.model ?? resolve(root, "runtime/models/ember/ember-q8_0.gguf"));
    const rows = readFileSync(resolve(root, "bench/ember/eval.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as Row);
    const daemon = await startDaemon(`models:\n  bench:\n    source: ${JSON.stringify(model)}\n    parallel: 1\n    context: 2048\n`);
    const byTask = new Map<string, { right: number; all: number }>();
    const failures: unknown[] = [];
    try {
      for (const row of rows) {
        const task = byTask.get(row.task) ?? { right: 0, all: 0 };
        if (task.all >= limit) continue;
        const given = await answer(daemon.client, row).catch(tooLong);
        const right = isRight(row, given);
        byTask.set(row.task, { right: task.right + (right ? 1 : 0), all: task.all + 1 });
        if (!right) failures.push({ id: row.id, expected: row.expected ?? row.expected_call, given });
      }
    } finally {
      await daemon.stop();
    }
    const total = [...byTask.values()].reduce((sum, task) => ({ right: sum.right + task.right, all: sum.all + task.all }), { right: 0, all: 0 });
    const line = (name: string, { right, all }: { right: number; all: number }): string =>
      `  ${name.padEnd(12)} ${String(right).padStart(4)} of ${String(all).padStart(4)}  ${((100 * right) / all).toFixed(1).padStart(5)} %`;
    return {
      lines: [`${model}: greedy, exact match`, ...[...byTask].map(([name, task]) => line(name, task)), line("all", total)],
      data: { model, byTask: Object.fromEntries(byTask), total, failures },
    };
  },
};
