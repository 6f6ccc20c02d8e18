import type { ChatCompletion, ChatCompletionChunk, ChatTokenLogprob, FinishReason } from "../../../protocol/api/openai.ts";
import type { z } from "zod";
import type { TokenRecord } from "../../host/messages.ts";
import { isEmpty, tokenText, type AnswerShape } from "./shape.ts";

type Chunk = z.infer<typeof ChatCompletionChunk>;
type Delta = Chunk["choices"][number]["delta"];

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
  const chunk = (delta: Delta, tokens: readonly TokenRecord[] | null, finish_reason: FinishReason | null): Chunk => ({
    id, object: "chat.completion.chunk", created, model,
    choices: [{ index: 0, delta, logprobs: tokens === null ? null : logprobsOf(tokens), finish_reason }],
  });
  return {
    first: () => chunk({ role: "assistant", content: "" }, null, null),
    text: (text, tokens) => (isEmpty(text, tokens, logprobs) ? null : chunk({ content: text }, tokens, null)),
    last: (reason, timings) => ({ ...chunk({}, null, reason), timings }),
    usage: (usage) => ({ id, object: "chat.completion.chunk", created, model, choices: [], usage }),
    whole: (text, tokens, finish_reason, usage, timings) => ({
      id, object: "chat.completion", created, model,
      choices: [{ index: 0, message: { role: "assistant", content: text, refusal: null }, logprobs: logprobsOf(tokens), finish_reason }],
      usage, timings,
    }),
  };
}

function tokenLogprob({ bytes, logprob, top }: TokenRecord): ChatTokenLogprob {
  return { ...entry(bytes, logprob ?? 0), top_logprobs: (top ?? []).map((other) => entry(other.bytes, other.logprob)) };
}

/** JSON has no -Infinity, which is what an impossible token has; OpenAI writes -9999 too. */
const finite = (logprob: number): number => Math.max(logprob, -9999);

const entry = (bytes: Uint8Array, logprob: number) => ({ token: tokenText(bytes), logprob: finite(logprob), bytes: [...bytes] });
