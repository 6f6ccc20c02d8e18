import { text as readText } from "node:stream/consumers";
import { InfernoError } from "../../../protocol/errors.ts";
import { withDaemon } from "../connect.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import { operationLines } from "../format/operations.ts";
import { generate } from "../generate.ts";
import { ensureLoaded } from "../load.ts";
import { operationsReport } from "../operations-report.ts";
import type { StepSpan } from "../option-values.ts";
import { errPaint, outPaint } from "../terminal.ts";
import { makeAsk } from "./run.ts";

export interface ProfileOptions {
  readonly config?: string | undefined;
  readonly steps?: StepSpan | undefined;
  readonly tokens?: number | undefined;
}

/** A few, so that the steps before them can be compared with. */
const usualTokens = 16;

/** Runs one request, greedily, and shows where its steps spend their time, operation by operation. */
export async function profile(context: Context, model: string, prompt: string | undefined, options: ProfileOptions): Promise<number> {
  const { terminal } = context;
  const asked = prompt ?? (await readText(terminal.stdin)).trimEnd();
  if (asked === "") throw new InfernoError("usage", "The prompt is empty.", { hint: "Give it as the last argument or on stdin." });
  const tokens = options.tokens ?? Math.max(usualTokens, (options.steps?.[1] ?? 0) + 1);
  const steps = options.steps ?? [Math.min(tokens - 1, Math.ceil(tokens / 2)), tokens - 1];
  if (steps[1] >= tokens && steps[1] > 0) throw new InfernoError("usage", `--steps ends at ${steps[1]}, and an answer of ${tokens} tokens has steps 0 to ${tokens - 1}.`, { hint: "Raise --tokens." });
  await withDaemon(context, options.config, async (client) => {
    const { task } = await ensureLoaded(client, model, terminal);
    // Not cached: the prompt's own step is there, too, each time.
    const sampling = { temperature: 0, max_tokens: tokens, cache_prompt: false, speculate: false, profile: { ops: { steps: [...steps] as [number, number] } } };
    const answer = await generate(client, model, makeAsk(model, task, asked, undefined), sampling, terminal.stopped, async () => undefined);
    const trace = await client.call("trace", { params: { id: answer.timings.trace_id } }, { signal: terminal.stopped });
    const report = operationsReport(trace);
    if (context.json) return printJson(context, { model, traceId: trace.id, ...report });
    printLines(context, operationLines(report, outPaint(terminal)));
    terminal.stderr.write(`${errPaint(terminal).dim(`${answer.usage.completion_tokens} tokens · every operation with its shapes: trace ${trace.id}`)}\n`);
  });
  return success;
}
