import type { Stream } from "./job.ts";

/** Bytes of a response body as they arrived. */
export interface Arrival {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

interface Event {
  readonly choices?: readonly { readonly text?: string | null; readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  } | null;
  readonly error?: { readonly message?: string };
}

/** Reads a finished stream: parsing waits until all answers are there, so that it takes no time away from the servers. */
export function readStream(sentMs: number, arrivals: readonly Arrival[], endMs: number): Stream {
  const textMs: number[] = [];
  let text = "";
  let usage: Event["usage"];
  for (const { atMs, data } of events(arrivals)) {
    if (data === "[DONE]") continue;
    const event = JSON.parse(data) as Event;
    if (event.error !== undefined) throw new Error(`The server broke off: ${event.error.message ?? data}`);
    const choice = event.choices?.[0];
    const piece = choice?.text ?? choice?.delta?.content ?? "";
    if (piece !== "") textMs.push(atMs);
    text += piece;
    usage = event.usage ?? usage;
  }
  if (usage === undefined || usage === null) throw new Error("The server sent no usage: it does not know stream_options.include_usage.");
  return {
    sentMs, textMs, endMs, text,
    promptTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    completionTokens: usage.completion_tokens,
  };
}

/** The events, each with the arrival of the bytes that completed it. */
function* events(arrivals: readonly Arrival[]): Generator<{ atMs: number; data: string }> {
  const decoder = new TextDecoder();
  let rest = "";
  for (const { atMs, bytes } of arrivals) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data:")) yield { atMs, data: line.slice(5).trim() };
  }
}
