import { once } from "node:events";
import { text as readText } from "node:stream/consumers";
import type { ChatMessage } from "../../../protocol/api/openai.ts";
import type { Client } from "../../../protocol/client/index.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { ModelTask } from "../../../protocol/model.ts";
import { withDaemon } from "../connect.ts";
import { printJson, success, type Context } from "../context.ts";
import { formatRate, formatUs } from "../format/units.ts";
import { generate, type Ask, type Generation, type Sampling } from "../generate.ts";
import { ensureLoaded } from "../load.ts";
import { errPaint, isInteractive, type Terminal } from "../terminal.ts";
import { chat } from "./chat.ts";

export interface RunOptions {
  readonly config?: string | undefined;
  readonly system?: string | undefined;
  readonly sampling: Sampling;
}

/** One answer to a prompt (argument or stdin), or a conversation when there is neither. */
export async function run(context: Context, model: string, prompt: string | undefined, options: RunOptions): Promise<number> {
  const { terminal } = context;
  const interactive = prompt === undefined && terminal.stdin.isTTY === true;
  if (interactive && (context.json || !isInteractive(terminal))) {
    throw new InfernoError("usage", "There is no prompt.", { hint: "Give it as the last argument or on stdin." });
  }
  const asked = interactive ? undefined : prompt ?? (await readText(terminal.stdin)).trimEnd();
  if (asked === "") throw new InfernoError("usage", "The prompt is empty.", { hint: "Give it as the last argument or on stdin." });
  await withDaemon(context, options.config, async (client) => {
    const { task } = await ensureLoaded(client, model, terminal);
    if (asked !== undefined) await answerOnce(context, client, model, makeAsk(model, task, asked, options.system), options.sampling);
    else if (task === "chat") await chat(context, client, model, options);
    else throw new InfernoError("model_task_mismatch", `${model} continues text; it does not talk.`, { hint: "Give the text to continue as the last argument." });
  });
  return success;
}

/** A model that continues text has no template to put a system message into. */
export function makeAsk(model: string, task: ModelTask, prompt: string, system: string | undefined): Ask {
  if (task === "chat") return { kind: "chat", messages: firstMessages(prompt, system) };
  if (system !== undefined) throw new InfernoError("usage", `--system is for chat models; ${model} continues text.`);
  return { kind: "text", prompt };
}

const firstMessages = (prompt: string, system: string | undefined): ChatMessage[] => [
  ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
  { role: "user", content: prompt },
];

async function answerOnce(context: Context, client: Client, model: string, ask: Ask, sampling: Sampling): Promise<void> {
  const { terminal, json } = context;
  const shown = { text: "" };
  try {
    const answer = await generate(client, model, ask, sampling, terminal.stopped, async (text) => {
      if (json) return;
      shown.text += text;
      await write(terminal, text);
    });
    if (json) {
      const { text, usage, timings, finishReason } = answer;
      printJson(context, { model, text, usage, timings, traceId: timings.trace_id, finishReason });
      return;
    }
    await write(terminal, shown.text.endsWith("\n") ? "" : "\n");
    terminal.stderr.write(`${errPaint(terminal).dim(summary(answer))}\n`);
  } catch (error) {
    // What follows (the error, the shell's prompt) must not stick to half an answer.
    if (shown.text !== "" && !terminal.stdout.destroyed) terminal.stdout.write("\n");
    throw error;
  }
}

export function summary({ timings, usage, finishReason }: Generation): string {
  const parts = [
    `TTFT ${formatUs(timings.ttft_ms * 1000)}`,
    formatRate(timings.tokens_per_second),
    `${usage.prompt_tokens} + ${usage.completion_tokens} tokens${finishReason === "length" ? " (stopped at the limit)" : ""}`,
    `trace ${timings.trace_id}`,
  ];
  return parts.join(" · ");
}

/** Waits for a slow reader: its slowness goes back through the stream to the scheduler instead of into our memory. */
export async function write({ stdout, stopped }: Terminal, text: string): Promise<void> {
  if (text !== "" && !stdout.write(text)) await once(stdout, "drain", { signal: stopped });
}
