import type { ModelStatus } from "../../../protocol/api/inferno.ts";
import type { FinishReason, Timings, Usage } from "../../../protocol/api/openai.ts";
import type { InfernoError } from "../../../protocol/errors.ts";

/** One step of a scripted answer. */
export type PanelPart = { readonly text: string } | { readonly error: InfernoError } | { readonly reason: FinishReason; readonly usage: Usage; readonly timings: Timings };

export function sampleModel(change: Partial<ModelStatus> = {}): ModelStatus {
  return {
    name: "ember", task: "chat", source: "models/ember/ember-q8_0.gguf", origin: "embedded", state: "ready", progress: null, pid: 4711, rssBytes: 42_000_000,
    running: 0, queued: 0, tokensPerSecond: 212.4, context: 2048, memory: null, info: null, error: null, ...change,
  };
}

export const finished = (tokens: number, traceId: string, reason: FinishReason = "stop"): PanelPart => ({
  reason,
  usage: { prompt_tokens: 96, completion_tokens: tokens, total_tokens: 96 + tokens, prompt_tokens_details: { cached_tokens: 0 } },
  timings: {
    trace_id: traceId, ttft_ms: 33.4, prompt_ms: 22.3, predicted_ms: tokens * 4.9, tokens_per_second: 203.7,
    cached_tokens: 0, truncated_tokens: 0, drafted_tokens: 0, accepted_tokens: 0,
  },
});

/** An answer whose parts come one by one: the next one only when the test lets it, or at once. */
export async function* say(text: string, { traceId = "tr_sample", reason = "stop", pace = async () => {} }: SayOptions = {}): AsyncGenerator<PanelPart> {
  const pieces = text.match(/\s*\S+|\s+$/g) ?? [];
  for (const piece of pieces) {
    await pace();
    yield { text: piece };
  }
  yield finished(pieces.length, traceId, reason);
}

interface SayOptions {
  readonly traceId?: string;
  readonly reason?: FinishReason;
  readonly pace?: () => Promise<void>;
}
