import { createInterface } from "node:readline";
import type { ChatMessage } from "../../../protocol/api/openai.ts";
import type { Client } from "../../../protocol/client/index.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { generate } from "../generate.ts";
import { reportError } from "../report-error.ts";
import { errPaint } from "../terminal.ts";
import type { Context } from "../context.ts";
import { summary, write, type RunOptions } from "./run.ts";

const leave = new Set(["/bye", "/exit", "/quit"]);

/** A conversation on the terminal. Ctrl-C ends an answer; at the prompt it leaves, as `/bye` and Ctrl-D do. */
export async function chat(context: Context, client: Client, model: string, options: RunOptions): Promise<void> {
  const { terminal } = context;
  const paint = errPaint(terminal);
  const messages: ChatMessage[] = options.system === undefined ? [] : [{ role: "system", content: options.system }];
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr, prompt: paint.cyan("› ") });
  let answering: AbortController | null = null;
  // Ctrl-D while an answer comes: the answer goes on to its end, and there is no line to prompt for after it.
  const input = { closed: false };
  lines.once("close", () => (input.closed = true));
  lines.on("SIGINT", () => (answering === null ? lines.close() : answering.abort()));
  const close = (): void => lines.close();
  terminal.stopped.addEventListener("abort", close);
  terminal.stderr.write(paint.dim(`Talking to ${model}. /bye leaves, Ctrl-C ends an answer.\n`));
  try {
    lines.prompt();
    for await (const line of lines) {
      const said = line.trim();
      if (leave.has(said)) break;
      if (said !== "") {
        answering = new AbortController();
        await turn(said, AbortSignal.any([answering.signal, terminal.stopped]));
        answering = null;
      }
      if (input.closed) break;
      lines.prompt();
    }
  } finally {
    terminal.stopped.removeEventListener("abort", close);
    lines.close();
  }

  async function turn(said: string, signal: AbortSignal): Promise<void> {
    const asked: ChatMessage[] = [...messages, { role: "user", content: said }];
    let text = "";
    try {
      const answer = await generate(client, model, { kind: "chat", messages: asked }, options.sampling, signal, async (piece) => {
        text += piece;
        await write(terminal, piece);
      });
      terminal.stderr.write(`\n${paint.dim(summary(answer))}\n`);
    } catch (error) {
      const failure = InfernoError.from(error);
      terminal.stderr.write("\n");
      // An ended answer is what the person wanted; any other failure is told, and the conversation goes on.
      if (failure.code !== "request_cancelled") reportError(failure, terminal, false);
    }
    // A turn without an answer would break templates that want roles to alternate.
    if (text !== "") messages.push({ role: "user", content: said }, { role: "assistant", content: text });
  }
}
