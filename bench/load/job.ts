import type { ChatMessage } from "../../protocol/api/openai.ts";

/** One side's server, as a client sees it. */
export interface Target {
  readonly url: string;
  readonly token: string | null;
  /** The model's name in requests. */
  readonly model: string;
}

export interface Ask {
  /** Text to continue, or a conversation to answer. */
  readonly prompt: string | readonly ChatMessage[];
  readonly maxTokens: number;
  /** Sent this long after the job's start. */
  readonly afterMs?: number | undefined;
}

/** Requests that are sent at the same moment, or at stated ones. */
export interface Job {
  readonly target: Target;
  readonly asks: readonly Ask[];
}

/** What one streamed answer looked like from outside. Milliseconds since the job's first request. */
export interface Stream {
  readonly sentMs: number;
  /** When each piece of text arrived, in order. */
  readonly textMs: readonly number[];
  readonly endMs: number;
  readonly text: string;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}
