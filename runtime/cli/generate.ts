import type { ChatMessage, FinishReason, Timings, Usage } from "../../protocol/api/openai.ts";
import type { Client } from "../../protocol/client/index.ts";
import { InfernoError } from "../../protocol/errors.ts";

/** Sampling in the API's own names, so that a flag, a request and inferno.yaml say the same thing. */
export interface Sampling {
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly top_k?: number | undefined;
  readonly min_p?: number | undefined;
  readonly seed?: number | undefined;
  readonly max_tokens?: number | undefined;
  readonly stop?: string[] | undefined;
  readonly cache_prompt?: boolean | undefined;
  readonly speculate?: boolean | undefined;
  readonly profile?: { readonly ops: { readonly steps: [number, number] } } | undefined;
}

/** Messages for a model with a chat template, or text for one that continues text. */
export type Ask = { readonly kind: "chat"; readonly messages: ChatMessage[] } | { readonly kind: "text"; readonly prompt: string };

export interface Generation {
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly timings: Timings;
}

interface Piece {
  readonly text: string;
  readonly reason: FinishReason | null;
  readonly usage?: Usage | null | undefined;
  readonly timings?: Timings | undefined;
}

/** Asks and hands on each piece of text as it arrives; the promise that `onText` returns holds the stream back. */
export async function generate(
  client: Client, model: string, ask: Ask, sampling: Sampling, signal: AbortSignal, onText: (text: string) => Promise<void>,
): Promise<Generation> {
  let text = "";
  let finishReason: FinishReason = "stop";
  let usage: Usage | undefined;
  let timings: Timings | undefined;
  for await (const piece of pieces(client, model, ask, sampling, signal)) {
    text += piece.text;
    if (piece.text !== "") await onText(piece.text);
    finishReason = piece.reason ?? finishReason;
    usage = piece.usage ?? usage;
    timings = piece.timings ?? timings;
  }
  if (usage === undefined || timings === undefined) throw new InfernoError("bad_response", "The stream ended without usage and timings.");
  return { text, finishReason, usage, timings };
}

async function* pieces(client: Client, model: string, ask: Ask, sampling: Sampling, signal: AbortSignal): AsyncGenerator<Piece> {
  const common = { model, ...sampling, stream: true, stream_options: { include_usage: true } };
  if (ask.kind === "chat") {
    for await (const { choices, usage, timings } of client.stream("chatCompletions", { body: { ...common, messages: ask.messages } }, { signal })) {
      yield { text: choices[0]?.delta.content ?? "", reason: choices[0]?.finish_reason ?? null, usage, timings };
    }
    return;
  }
  for await (const { choices, usage, timings } of client.stream("completions", { body: { ...common, prompt: ask.prompt } }, { signal })) {
    yield { text: choices[0]?.text ?? "", reason: choices[0]?.finish_reason ?? null, usage, timings };
  }
}
