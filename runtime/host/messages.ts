import type { ChatMessage, Tool } from "../../protocol/api/openai.ts";
import type { z } from "zod";
import type { ErrorBody } from "../../protocol/errors.ts";
import type { GenerationParams, ModelInfo } from "../../protocol/model.ts";
import type { SpanAttributes, SpanName } from "../../protocol/trace.ts";
import type { LoadOptions } from "../backends/backend.ts";

/** The typed channel between the gateway and one model host. Both ends import this file; nothing else crosses the process boundary. */

/** What to generate from: messages go through the model's chat template in the host, where the template is known. */
export type Prompt =
  | { readonly kind: "messages"; readonly messages: readonly ChatMessage[]; readonly tools: readonly z.infer<typeof Tool>[] }
  | { readonly kind: "text"; readonly text: string };

export interface GenerateRequest {
  /** The trace's id: one request, one trace. */
  readonly id: string;
  readonly prompt: Prompt;
  readonly params: GenerationParams;
  /** Most tokens of the answer; null leaves it to the context. */
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
}

export type ToHost =
  /** `options.path` is an absolute path, or a remote `hf:` source that the host first downloads into `home`/models, or `fake:…` for the fake engine. */
  | { readonly type: "load"; readonly engine: EngineName; readonly options: Omit<LoadOptions, "onProgress">; readonly home: string }
  /** `sentUs`: the gateway's clock when it sent this, so that the `dispatch` span joins both timelines. */
  | { readonly type: "generate"; readonly request: GenerateRequest; readonly sentUs: number }
  /** Answered by the request's `failed` event with `request_cancelled` and the spans so far, unless its last event is on its way already. */
  | { readonly type: "cancel"; readonly id: string }
  /** Back-pressure: no step for this request until `resume`. */
  | { readonly type: "pause"; readonly id: string }
  | { readonly type: "resume"; readonly id: string }
  | { readonly type: "shutdown" };

export type EngineName = ModelInfo["engine"];

export type FromHost =
  /** `phase` is absent while weights load. */
  | { readonly type: "progress"; readonly fraction: number; readonly phase?: "download" | undefined }
  | { readonly type: "ready"; readonly model: ModelInfo; readonly context: number; readonly sequences: number; readonly loadUs: number }
  | { readonly type: "loadFailed"; readonly error: ErrorBody }
  | { readonly type: "event"; readonly id: string; readonly event: GenerationEvent }
  /** Sent every second while loaded, so that a hang can be told from work. */
  | { readonly type: "pulse"; readonly rssBytes: number; readonly running: number };

/**
 * What one request's generation says, in order: `prompt`, then `text`…, then one of `end` and `failed`.
 * A `text` event may be without text: a chunk of the prompt went through, or the token is half a character or may begin a stop string.
 * `tokens` are those whose text is shown to its end by this event. `completionTokens` counts every token but the end token.
 */
export type GenerationEvent =
  | { readonly type: "prompt"; readonly text: string; readonly tokens: number; readonly spans: readonly SpanRecord[] }
  | { readonly type: "text"; readonly text: string; readonly tokens: readonly TokenRecord[]; readonly spans: readonly SpanRecord[] }
  | { readonly type: "end"; readonly reason: "stop" | "length"; readonly completionTokens: number; readonly endUs: number; readonly spans: readonly SpanRecord[] }
  | { readonly type: "failed"; readonly error: ErrorBody; readonly endUs: number; readonly spans: readonly SpanRecord[] };

/** One generated token as the answer reports it. `bytes` because a token may be half a character. */
export interface TokenRecord {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly logprob?: number | undefined;
  readonly top?: readonly { readonly bytes: Uint8Array; readonly logprob: number }[] | undefined;
}

/** A span on the machine's monotonic clock, in microseconds; its parent is the request. */
export interface SpanRecord {
  readonly name: SpanName;
  readonly startUs: number;
  readonly endUs: number;
  readonly attributes?: SpanAttributes | undefined;
}
