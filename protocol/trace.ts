import { z } from "zod";
import { RecordLevel, TemplateSource } from "./trace-tokens.ts";

/**
 * The spans of one request. `group` spans only hold others; `leaf` spans are the work. Leaves on the request's critical path are contiguous,
 * so their durations add up to the root's (docs/reference/spans.md states the bound); `beside` leaves run at the same time as others and are not added.
 */
export const spanTable = {
  request: { kind: "group", source: "runtime/http", what: "The whole request, from its last byte read to its last byte written." },
  receive: { kind: "leaf", source: "runtime/http", what: "Check the body, find the model." },
  load: { kind: "leaf", source: "runtime/host", what: "Wait until the model's process is ready." },
  queue: { kind: "leaf", source: "runtime/queue", what: "Wait for a free place on the model, then for KV cells, or for a beginning that another request is computing." },
  dispatch: { kind: "leaf", source: "runtime/host", what: "Hand the request to the model's process." },
  "read image": { kind: "group", source: "runtime/http", what: "An image in a message, through the OCR model that the configuration names." },
  prompt: { kind: "group", source: "runtime/host", what: "The model's work on the prompt, up to the first token's logits." },
  template: { kind: "leaf", source: "runtime/template", what: "Render the messages through the model's chat template." },
  tokenize: { kind: "leaf", source: "runtime/backends", what: "Text to tokens." },
  wait: { kind: "leaf", source: "runtime/scheduler", what: "Wait for the next step: other sequences' work, a slow reader, or the event loop's turn on a busy machine." },
  prefill: { kind: "leaf", source: "runtime/backends", what: "Decode one chunk of the prompt into the KV cache." },
  embed: { kind: "leaf", source: "runtime/backends", what: "Texts through the model in one batch: vectors or scores out." },
  generate: { kind: "group", source: "runtime/host", what: "The model's work on the answer, from its first token to its last." },
  decode: { kind: "leaf", source: "runtime/backends", what: "One decode step: a token in, and guesses of the next, logits out; shared by all sequences of the batch." },
  sample: { kind: "leaf", source: "runtime/backends", what: "Choose the next token from the logits." },
  swap: { kind: "leaf", source: "runtime/host", what: "Save this answer's KV cache to memory, because others needed its cells." },
  detokenize: { kind: "leaf", source: "runtime/stream", what: "Token to text; look for stop strings." },
  preprocess: { kind: "leaf", source: "runtime/backends", what: "Decode and check an image, a sound or tensors, and make of them what the graph takes." },
  run: { kind: "leaf", source: "runtime/backends", what: "One run of an ONNX graph over a batch of inputs." },
  instrument: { kind: "leaf", source: "runtime/backends", what: "Get the engine ready to record operations, or have it as it was: its context is made anew and keeps its state." },
  operation: { kind: "beside", source: "runtime/backends", what: "One operation of a run, a prefill or a decode, in whose time it lies; only of those that were profiled." },
  postprocess: { kind: "leaf", source: "runtime/backends", what: "Make the answer of the graph's outputs: labels, boxes, text." },
  send: { kind: "leaf", source: "runtime/host", what: "Hand an event over to the daemon's process, before the next step." },
  return: { kind: "leaf", source: "runtime/host", what: "The last event travels back to the daemon." },
  "stream write": { kind: "beside", source: "runtime/http", what: "Write one event to the client, while the model goes on." },
  respond: { kind: "leaf", source: "runtime/http", what: "Write the end of the answer." },
} as const satisfies Record<string, { kind: "group" | "leaf" | "beside"; source: string; what: string }>;

/**
 * By how much the leaves of a finished request may miss its root, as a share of the root. On one clock they add up exactly, because every leaf starts
 * where the one before ended. Two processes read the clock here, each rounds to whole microseconds, and cores' clocks may differ by a few more,
 * so a real trace may miss by some microseconds at the two crossings: 1 % holds for every request longer than about a millisecond.
 */
export const leafSumTolerance = 0.01;

export type SpanName = keyof typeof spanTable;
export const spanNames = Object.keys(spanTable) as [SpanName, ...SpanName[]];

const AttributeValue = z.union([z.string(), z.number(), z.boolean()]);
export const SpanAttributes = z.record(z.string(), AttributeValue);
export type SpanAttributes = z.infer<typeof SpanAttributes>;

export const Span = z.object({
  id: z.string().meta({ description: "Unique within the trace." }),
  parentId: z.string().nullable().meta({ description: "The span that holds this one; null for the root." }),
  name: z.string().meta({ description: "A name of the span table (docs/reference/spans.md)." }),
  startUs: z.number().meta({ description: "Start, in microseconds since the trace's start." }),
  durationUs: z.number().nonnegative().meta({ description: "Length, in microseconds." }),
  attributes: SpanAttributes.meta({ description: "Facts about this span, such as `tokens` or `batch`." }),
}).meta({ id: "Span" });
export type Span = z.infer<typeof Span>;

export const TraceStatus = z.enum(["running", "ok", "error", "cancelled"]);

export const TraceSummary = z.object({
  id: z.string(),
  model: z.string().meta({ description: "Model name." }),
  route: z.string().meta({ description: "The route that was called, such as `/v1/chat/completions`." }),
  startedAt: z.string().meta({ description: "ISO 8601 time of the request's start." }),
  status: TraceStatus,
  errorCode: z.string().nullable(),
  durationUs: z.number().meta({ description: "Wall time of the request, in microseconds." }),
  promptTokens: z.number(),
  completionTokens: z.number(),
  ttftUs: z.number().nullable().meta({ description: "Time to first token: request's start to first text written, in microseconds." }),
  tokensPerSecond: z.number().nullable().meta({ description: "Decode rate: (tokens - 1) / (last token - first token)." }),
}).meta({ id: "TraceSummary" });
export type TraceSummary = z.infer<typeof TraceSummary>;

/** Where the beginning of a prompt came from, and why the rest was computed. */
export const Reuse = z.object({
  tokens: z.int().meta({ description: "Prompt tokens that were not computed again." }),
  source: z.enum(["none", "running", "cached", "disk"]).meta({ description: "`running`: shared with a request in work; `cached`: left by an earlier one; `disk`: read back from disk." }),
  reason: z.enum(["whole", "differs", "ends", "cut", "evicted", "off", "empty", "engine"]).meta({
    description: "Why no more: `whole` prompt reused (its last token always runs again), the texts `differs` at a token, the cached one `ends` there, a `deterministic` model shares whole steps only and `cut` the rest, it was `evicted`, the cache is `off` or `empty`, or the `engine` cannot.",
  }),
  differs: z.object({
    position: z.int().meta({ description: "Position of the first token that differs, counted from 0." }),
    cached: z.string().meta({ description: "Text of the cached token there; empty when recording of text is off." }),
    prompt: z.string().meta({ description: "Text of the prompt's token there; likewise." }),
  }).nullable().meta({ description: "The first difference, when there is one." }),
}).meta({ id: "Reuse" });
export type Reuse = z.infer<typeof Reuse>;

/** Spans of the program that called, which it sent to `/v1/traces`. */
export const ApplicationSpans = z.object({
  spans: z.array(Span).meta({ description: "With the names and ids that the application gave them; times since this trace's start, by the application's clock." }),
  dropped: z.int().meta({ description: "Spans of the same trace that came before these and were let go, so that there was room." }),
  outsideUs: z.number().nullable().meta({ description: "How far the request lies outside the span that called it, in microseconds: where the caller waited for the answer, the clocks differ by at least that. Null when that span has not come." }),
}).meta({ id: "ApplicationSpans" });
export type ApplicationSpans = z.infer<typeof ApplicationSpans>;

export const Trace = TraceSummary.extend({
  reuse: Reuse.nullable().meta({ description: "What the first answer reused of earlier work; null before it started." }),
  speculation: z.object({ drafted: z.int(), accepted: z.int() }).nullable().meta({ description: "Tokens that were guessed, and how many of them were right; null when nothing was guessed." }),
  prompt: z.string().nullable().meta({ description: "The prompt as rendered, or null when recording of text is off." }),
  completion: z.string().nullable().meta({ description: "The text that was generated, or null when recording of text is off." }),
  parameters: z.record(z.string(), z.unknown()).meta({ description: "Sampling and limits, after defaults." }),
  engine: z.object({
    name: z.string(), library: z.string(), quantization: z.string(), path: z.string(),
    device: z.string().optional().meta({ description: "Where it computed: `cpu`, or the kind of GPU and the layers that were on it." }),
    fingerprint: z.string().optional().meta({ description: "What the model's file is recognized by: see `fingerprint` of a model." }),
  }).nullable(),
  template: TemplateSource.nullable().meta({ description: "Where the text around the messages came from; null before the prompt was made. A prompt that is a text has `none`." }),
  body: z.record(z.string(), z.unknown()).optional().meta({ description: "The request as it was sent, for computing it again; absent when recording of text is off, or when it is too large." }),
  branch: z.object({ of: z.string(), token: z.int() }).optional().meta({ description: "A branch of a debug session: the trace that it left, and the first token that is its own." }),
  caller: z.object({ traceId: z.string(), spanId: z.string() }).optional().meta({ description: "The caller's trace and span, as the request's `traceparent` header named them; absent when it had none." }),
  application: ApplicationSpans.optional().meta({ description: "What the caller has sent of that trace: spans around and beside this request. Kept in memory only." }),
  recording: RecordLevel.meta({ description: "What `/api/v1/traces/{id}/tokens` has of it: all, numbers only, or nothing." }),
  spans: z.array(Span),
}).meta({ id: "Trace" });
export type Trace = z.infer<typeof Trace>;
