import type { Completion, FinishReason } from "../../../protocol/api/openai.ts";
import type { TokenRecord } from "../../host/messages.ts";
import type { ShapeOptions } from "./chat-shape.ts";
import { isEmpty, tokenText, type AnswerShape } from "./shape.ts";

type Logprobs = NonNullable<Completion["choices"][number]["logprobs"]>;

export function completionShape({ traceId, model, created, logprobs }: ShapeOptions): AnswerShape<Completion, Completion> {
  const id = `cmpl-${traceId}`;
  // Where each choice's next token begins, in UTF-16 units of its text: chunks go on counting where the one before stopped.
  const offsets: number[] = [];
  const logprobsOf = (choice: number, tokens: readonly TokenRecord[]): Logprobs | null => {
    if (!logprobs) return null;
    let offset = offsets[choice] ?? 0;
    const texts = tokens.map(({ bytes }) => tokenText(bytes));
    const text_offset = texts.map((text) => (offset += text.length) - text.length);
    offsets[choice] = offset;
    return {
      tokens: texts,
      token_logprobs: tokens.map(({ logprob }) => Math.max(logprob ?? 0, -9999)),
      top_logprobs: tokens.map(({ top }) => alternatives(top ?? [])),
      text_offset,
    };
  };
  const choiceOf = (index: number, text: string, tokens: readonly TokenRecord[] | null, finish_reason: FinishReason | null) =>
    ({ index, text, logprobs: tokens === null ? null : logprobsOf(index, tokens), finish_reason });
  const completion = (choices: Completion["choices"]): Completion => ({ id, object: "text_completion", created, model, choices });
  return {
    first: () => null,
    piece: (piece) => (isEmpty(piece, logprobs) ? null : completion([choiceOf(piece.choice, piece.text, piece.tokens, null)])),
    finish: (choice, reason, timings) => ({ ...completion([choiceOf(choice, "", null, reason)]), ...(timings && { timings }) }),
    usage: (usage) => ({ ...completion([]), usage }),
    whole: (choices, usage, timings) => ({ ...completion(choices.map(({ text, tokens, reason }, index) => choiceOf(index, text, tokens, reason))), usage, timings }),
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
