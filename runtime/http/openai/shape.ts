import type { FinishReason, Timings, Usage } from "../../../protocol/api/openai.ts";
import type { TokenRecord, ToolCallDelta } from "../../host/messages.ts";
import type { TraceRecorder } from "../../trace/recorder.ts";

/** What one `text` event adds to an answer. */
export interface AnswerPiece {
  readonly choice: number;
  readonly text: string;
  readonly tokens: readonly TokenRecord[];
  readonly calls: readonly ToolCallDelta[];
}

/** One whole answer of a request's `n`. */
export interface Choice extends Omit<AnswerPiece, "choice"> {
  readonly reason: FinishReason;
}

/** How one of OpenAI's routes words a generation: as chunks, or as a whole. */
export interface AnswerShape<Chunk, Whole> {
  /** Sent before a choice's text; null for none. */
  first(choice: number): Chunk | null;
  /** Null when there is nothing to say: a held-back half character, a prefilled chunk. */
  piece(piece: AnswerPiece): Chunk | null;
  /** A choice is over; with the last one come the timings. */
  finish(choice: number, reason: FinishReason, timings: Timings | null): Chunk;
  /** The extra chunk of `stream_options.include_usage`. */
  usage(usage: Usage): Chunk;
  whole(choices: readonly Choice[], usage: Usage, timings: Timings): Whole;
}

/** Whether an event shows nothing: no text, no call, and no token whose log probability was asked for. */
export const isEmpty = ({ text, tokens, calls }: AnswerPiece, logprobs: boolean): boolean =>
  text === "" && calls.length === 0 && (!logprobs || tokens.length === 0);

// A byte order mark is a token's text like any other.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A token's bytes as text; half characters become U+FFFD, and `bytes` beside the text says what they are. */
export const tokenText = (bytes: Uint8Array): string => decoder.decode(bytes);

export function usageOf(trace: TraceRecorder): Usage {
  const { promptTokens, completionTokens, cachedTokens } = trace.timings;
  return {
    prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

export function timingsOf(trace: TraceRecorder): Timings {
  const { ttftUs, promptUs, predictedUs, tokensPerSecond, cachedTokens, truncatedTokens, draftedTokens, acceptedTokens } = trace.timings;
  return {
    trace_id: trace.id, ttft_ms: (ttftUs ?? 0) / 1000, prompt_ms: promptUs / 1000, predicted_ms: predictedUs / 1000, tokens_per_second: tokensPerSecond,
    cached_tokens: cachedTokens, truncated_tokens: truncatedTokens, drafted_tokens: draftedTokens, accepted_tokens: acceptedTokens,
  };
}
