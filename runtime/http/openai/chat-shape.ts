import type { ChatCompletion, ChatCompletionChunk, ChatTokenLogprob, FinishReason } from "../../../protocol/api/openai.ts";
import type { z } from "zod";
import type { TokenRecord, ToolCallDelta } from "../../host/messages.ts";
import { isEmpty, tokenText, type AnswerShape, type Choice } from "./shape.ts";

type Chunk = z.infer<typeof ChatCompletionChunk>;
type Delta = Chunk["choices"][number]["delta"];
type Message = z.infer<typeof ChatCompletion>["choices"][number]["message"];

export interface ShapeOptions {
  readonly traceId: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly logprobs: boolean;
}

export function chatShape({ traceId, model, created, logprobs }: ShapeOptions): AnswerShape<Chunk, z.infer<typeof ChatCompletion>> {
  const id = `chatcmpl-${traceId}`;
  const logprobsOf = (tokens: readonly TokenRecord[]) => (logprobs ? { content: tokens.map(tokenLogprob), refusal: null } : null);
  const chunk = (index: number, delta: Delta, tokens: readonly TokenRecord[] | null, finish_reason: FinishReason | null): Chunk => ({
    id, object: "chat.completion.chunk", created, model,
    choices: [{ index, delta, logprobs: tokens === null ? null : logprobsOf(tokens), finish_reason }],
  });
  return {
    first: (choice) => chunk(choice, { role: "assistant", content: "" }, null, null),
    piece: (piece) => (isEmpty(piece, logprobs) ? null : chunk(piece.choice, deltaOf(piece.text, piece.calls), piece.tokens, null)),
    finish: (choice, reason, timings) => ({ ...chunk(choice, {}, null, reason), ...(timings && { timings }) }),
    usage: (usage) => ({ id, object: "chat.completion.chunk", created, model, choices: [], usage }),
    whole: (choices, usage, timings) => ({
      id, object: "chat.completion", created, model,
      choices: choices.map((choice, index) => ({ index, message: messageOf(choice), logprobs: logprobsOf(choice.tokens), finish_reason: choice.reason })),
      usage, timings,
    }),
  };
}

function deltaOf(text: string, calls: readonly ToolCallDelta[]): Delta {
  return {
    ...((text !== "" || calls.length === 0) && { content: text }),
    ...(calls.length > 0 && { tool_calls: calls.map(callChunk) }),
  };
}

const callChunk = ({ index, id, name, arguments: text }: ToolCallDelta): NonNullable<Delta["tool_calls"]>[number] => ({
  index,
  ...(id !== undefined && { id, type: "function" as const }),
  function: { ...(name !== undefined && { name }), arguments: text },
});

function messageOf({ text, calls }: Choice): Message {
  if (calls.length === 0) return { role: "assistant", content: text, refusal: null };
  const whole: { id: string; type: "function"; function: { name: string; arguments: string } }[] = [];
  for (const { index, id = "", name = "", arguments: piece } of calls) {
    const call = (whole[index] ??= { id, type: "function", function: { name, arguments: "" } });
    call.function.arguments += piece;
  }
  return { role: "assistant", content: text === "" ? null : text, refusal: null, tool_calls: whole };
}

function tokenLogprob({ bytes, logprob, top }: TokenRecord): ChatTokenLogprob {
  return { ...entry(bytes, logprob ?? 0), top_logprobs: (top ?? []).map((other) => entry(other.bytes, other.logprob)) };
}

/** JSON has no -Infinity, which is what an impossible token has; OpenAI writes -9999 too. */
const finite = (logprob: number): number => Math.max(logprob, -9999);

const entry = (bytes: Uint8Array, logprob: number) => ({ token: tokenText(bytes), logprob: finite(logprob), bytes: [...bytes] });
