import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Clock } from "../../base/clock.ts";
import type { FinishReason } from "../../protocol/api/openai.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Generation } from "../host/generation.ts";
import type { GenerateRequest, GenerationEvent, TokenRecord } from "../host/messages.ts";
import type { ModelRuntime } from "../routing/model-runtime.ts";
import type { TraceLog } from "../trace/log.ts";
import type { TraceRecorder } from "../trace/recorder.ts";
import type { Metrics } from "./metrics.ts";
import { streamed, type Call } from "./mount.ts";
import { timingsOf, usageOf, type AnswerShape } from "./openai/shape.ts";
import { SseWriter, type SseOptions } from "./sse.ts";

export interface AnswerDeps {
  readonly clock: Clock;
  readonly traces: TraceLog;
  /** Record prompts and answers. */
  readonly recordsText: () => boolean;
  readonly metrics: Metrics;
  readonly sse: Omit<SseOptions, "headers">;
  /** An error that went out as a stream's last event; the others pass the HTTP server's error handler. */
  readonly onServerError: (error: InfernoError) => void;
}

/** One generation as a route wants it answered. */
export interface Wanted<Chunk, Whole> {
  readonly route: string;
  readonly model: ModelRuntime;
  readonly request: Omit<GenerateRequest, "id">;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly shape: (traceId: string, created: number) => AnswerShape<Chunk, Whole>;
}

/** From a checked request to its answer: starts the trace, runs the generation, words it, and closes the trace when the last byte is out. */
export async function answer<Chunk, Whole>(deps: AnswerDeps, call: Call, wanted: Wanted<Chunk, Whole>): Promise<Whole | typeof streamed> {
  const { clock, traces, metrics } = deps;
  const id = randomBytes(12).toString("hex");
  const { name } = wanted.model.definition;
  const now = Date.now();
  const trace = traces.begin({
    id, model: name, route: wanted.route, startedAt: new Date(now).toISOString(), startUs: call.receivedUs, clock, text: deps.recordsText(),
  });
  const { params, maxTokens, stop } = wanted.request;
  trace.parameters = { ...params, maxTokens, stop, stream: wanted.stream };
  trace.mark("receive");
  void call.reply.header("x-inferno-trace-id", id);

  const gone = new AbortController();
  const closed = whenClosed(call.reply.raw, trace, gone);
  const work = run(deps, call, wanted, trace, wanted.shape(id, Math.floor(now / 1000)), gone.signal);
  // The trace ends after both: a client may leave before the model has stopped, and an answer be ready before it is written.
  void Promise.allSettled([work, closed]).then(() => {
    trace.outcome("ok");
    traces.end(trace);
    metrics.finished(trace.summary());
  });
  return await work;
}

/** Resolves when the answer is out or the client has left; then it also stops the generation. */
function whenClosed(raw: ServerResponse, trace: TraceRecorder, gone: AbortController): Promise<void> {
  return new Promise((resolve) => {
    raw.once("finish", () => trace.end());
    raw.once("close", () => {
      if (!raw.writableFinished) {
        const error = new InfernoError("request_cancelled", "The client closed the connection.");
        trace.outcome("cancelled", error.code);
        gone.abort(error);
      }
      resolve();
    });
  });
}

async function run<Chunk, Whole>(
  deps: AnswerDeps, call: Call, wanted: Wanted<Chunk, Whole>, trace: TraceRecorder, shape: AnswerShape<Chunk, Whole>, signal: AbortSignal,
): Promise<Whole | typeof streamed> {
  const request = { ...wanted.request, id: trace.id };
  try {
    if (!wanted.stream) return await collect(await wanted.model.run(request, trace, signal), trace, shape);
  } catch (thrown) {
    throw noted(trace, thrown);
  }
  const sse = new SseWriter(call.reply, { ...deps.sse, headers: { "x-inferno-trace-id": trace.id } });
  try {
    await write(await wanted.model.run(request, trace, signal), sse, { deps, trace, shape, includeUsage: wanted.includeUsage });
  } catch (thrown) {
    const error = noted(trace, thrown);
    if (!sse.started) throw error;
    if (error.status >= 500) deps.onServerError(error);
    sse.send(error.toBody());
  } finally {
    sse.end();
  }
  return streamed;
}

function noted(trace: TraceRecorder, thrown: unknown): InfernoError {
  const error = InfernoError.from(thrown);
  trace.outcome(error.code === "request_cancelled" ? "cancelled" : "error", error.code);
  return error;
}

/** The whole answer at once, from the same events. */
async function collect<Chunk, Whole>(generation: Generation, trace: TraceRecorder, shape: AnswerShape<Chunk, Whole>): Promise<Whole> {
  const text: string[] = [];
  const tokens: TokenRecord[] = [];
  let reason: FinishReason = "stop";
  for await (const event of generation.events) {
    if (event.type === "text") {
      if (event.text !== "") trace.firstText();
      text.push(event.text);
      tokens.push(...event.tokens);
    }
    if (event.type === "end") reason = event.reason;
    throwIfFailed(event);
  }
  return shape.whole(text.join(""), tokens, reason, usageOf(trace), timingsOf(trace));
}

interface Writing<Chunk, Whole> {
  readonly deps: AnswerDeps;
  readonly trace: TraceRecorder;
  readonly shape: AnswerShape<Chunk, Whole>;
  readonly includeUsage: boolean;
}

async function write<Chunk, Whole>(generation: Generation, sse: SseWriter, { deps, trace, shape, includeUsage }: Writing<Chunk, Whole>): Promise<void> {
  const { clock, metrics } = deps;
  let lastTextUs: number | null = null;
  for await (const event of generation.events) {
    throwIfFailed(event);
    const startUs = clock.nowUs();
    let room = true;
    const chunk = event.type === "text" ? shape.text(event.text, event.tokens) : null;
    if (event.type === "text" && chunk !== null) {
      room = sse.send(chunk);
      trace.firstText();
      trace.beside("stream write", startUs, { tokens: event.tokens.length });
      if (lastTextUs !== null) metrics.interToken(trace.model, startUs - lastTextUs);
      lastTextUs = startUs;
    }
    if (event.type === "prompt") {
      const first = shape.first();
      if (first !== null) room = sse.send(first);
    }
    if (event.type === "end") {
      sse.send(shape.last(event.reason, timingsOf(trace)));
      if (includeUsage) sse.send(shape.usage(usageOf(trace)));
      sse.send("[DONE]");
    }
    if (room) continue;
    // The model stops for this client until it has caught up; others go on.
    generation.pause();
    await sse.drained();
    generation.resume();
  }
}

function throwIfFailed(event: GenerationEvent): void {
  if (event.type === "failed") throw InfernoError.fromBody(event.error);
}
