import type { Completion, FinishReason } from "../../../protocol/api/openai.ts";
import type { TokenRecord } from "../../host/messages.ts";
import type { ShapeOptions } from "./chat-shape.ts";
import { isEmpty, tokenText, type AnswerShape } from "./shape.ts";

type Logprobs = NonNullable<Completion["choices"][number]["logprobs"]>;

export function completionShape({ traceId, model, created, logprobs }: ShapeOptions): AnswerShape<Completion, Completion> {
  const id = `cmpl-${traceId}`;
  // Where the next token begins, in UTF-16 units of the answer: chunks go on counting where the one before stopped.
  let offset = 0;
  const logprobsOf = (tokens: readonly TokenRecord[]): Logprobs | null => {
    if (!logprobs) return null;
    const texts = tokens.map(({ bytes }) => tokenText(bytes));
    return {
      tokens: texts,
      token_logprobs: tokens.map(({ logprob }) => Math.max(logprob ?? 0, -9999)),
      top_logprobs: tokens.map(({ top }) => alternatives(top ?? [])),
      text_offset: texts.map((text) => (offset += text.length) - text.length),
    };
  };
  const completion = (text: string, tokens: readonly TokenRecord[] | null, finish_reason: FinishReason | null): Completion => ({
    id, object: "text_completion", created, model,
    choices: [{ index: 0, text, logprobs: tokens === null ? null : logprobsOf(tokens), finish_reason }],
  });
  return {
    first: () => null,
    text: (text, tokens) => (isEmpty(text, tokens, logprobs) ? null : completion(text, tokens, null)),
    last: (reason, timings) => ({ ...completion("", null, reason), timings }),
    usage: (usage) => ({ id, object: "text_completion", created, model, choices: [], usage }),
    whole: (text, tokens, reason, usage, timings) => ({ ...completion(text, tokens, reason), usage, timings }),
  };
}

/** Two half characters may show the same text; the likelier one keeps the key. */
function alternatives(top: NonNullable<TokenRecord["top"]>): Record<string, number> {
  const byText = new Map<string, number>();
  for (const { bytes, logprob } of top) {
    const text = tokenText(bytes);
    if (!byText.has(text)) byText.set(text, Math.max(logprob, -9999));
  }
  return Object.fromEntries(byText);
}
