import type { FinishReason, Timings, Usage } from "../../../protocol/api/openai.ts";
import type { TokenRecord } from "../../host/messages.ts";
import type { TraceRecorder } from "../../trace/recorder.ts";

/** How one of OpenAI's routes words a generation: as chunks, or as a whole. */
export interface AnswerShape<Chunk, Whole> {
  /** Sent before any text; null for none. */
  first(): Chunk | null;
  /** Null when there is nothing to say: a held-back half character, a prefilled chunk. */
  text(text: string, tokens: readonly TokenRecord[]): Chunk | null;
  last(reason: FinishReason, timings: Timings): Chunk;
  /** The extra chunk of `stream_options.include_usage`. */
  usage(usage: Usage): Chunk;
  whole(text: string, tokens: readonly TokenRecord[], reason: FinishReason, usage: Usage, timings: Timings): Whole;
}

/** Whether an event shows nothing: no text, and no token whose log probability was asked for. */
export const isEmpty = (text: string, tokens: readonly TokenRecord[], logprobs: boolean): boolean =>
  text === "" && (!logprobs || tokens.length === 0);

// A byte order mark is a token's text like any other.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A token's bytes as text; half characters become U+FFFD, and `bytes` beside the text says what they are. */
export const tokenText = (bytes: Uint8Array): string => decoder.decode(bytes);

export function usageOf(trace: TraceRecorder): Usage {
  const { promptTokens, completionTokens } = trace.timings;
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}

export function timingsOf(trace: TraceRecorder): Timings {
  const { ttftUs, promptUs, predictedUs, tokensPerSecond } = trace.timings;
  return {
    trace_id: trace.id, ttft_ms: (ttftUs ?? 0) / 1000, prompt_ms: promptUs / 1000, predicted_ms: predictedUs / 1000, tokens_per_second: tokensPerSecond,
  };
}
