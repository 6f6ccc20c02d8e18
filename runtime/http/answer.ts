import { InfernoError } from "../../protocol/errors.ts";
import type { Generation } from "../host/generation.ts";
import type { Generating } from "../debug/generating.ts";
import type { GenerateRequest, GenerationEvent } from "../host/messages.ts";
import type { TraceRecorder } from "../trace/recorder.ts";
import { streamed, type Call } from "./mount.ts";
import { AnswerParts } from "./openai/answer-parts.ts";
import { timingsOf, usageOf, type AnswerShape } from "./openai/shape.ts";
import { SseWriter, type SseOptions } from "./sse.ts";
import { noted, traced, type TracedDeps } from "./traced.ts";

export interface AnswerDeps extends TracedDeps {
  readonly sse: Omit<SseOptions, "headers">;
  /** An error that went out as a stream's last event; the others pass the HTTP server's error handler. */
  readonly onServerError: (error: InfernoError) => void;
}

/** One generation as a route wants it answered. */
export interface Wanted<Chunk, Whole> {
  readonly generating: Generating;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly shape: (traceId: string, created: number) => AnswerShape<Chunk, Whole>;
}

/** From a checked request to its answer: starts the trace, runs the generation, words it, and closes the trace when the last byte is out. */
export async function answer<Chunk, Whole>(deps: AnswerDeps, call: Call, wanted: Wanted<Chunk, Whole>): Promise<Whole | typeof streamed> {
  const { generating, stream } = wanted;
  const { route, model, parameters, body } = generating;
  return await traced(deps, call, { route, model: model.definition.name, parameters: { ...parameters, stream }, body },
    async (trace, signal, created) => await run(deps, call, wanted, trace, wanted.shape(trace.id, created), signal));
}

async function run<Chunk, Whole>(
  deps: AnswerDeps, call: Call, wanted: Wanted<Chunk, Whole>, trace: TraceRecorder, shape: AnswerShape<Chunk, Whole>, signal: AbortSignal,
): Promise<Whole | typeof streamed> {
  const { generating: { model, ...generating } } = wanted;
  const request = { ...generating.request, id: trace.id, record: trace.records, ...(await promptOf(deps, call, generating, trace, signal)) };
  if (!wanted.stream) return await collect(await model.run(request, trace, signal), { deps, trace, shape, request, includeUsage: true });
  const sse = new SseWriter(call.reply, { ...deps.sse, headers: { "x-inferno-trace-id": trace.id } });
  try {
    await write(await model.run(request, trace, signal), sse, { deps, trace, shape, request, includeUsage: wanted.includeUsage });
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

/** A prompt that has to be made, and what that leaves of the request's time. */
async function promptOf(
  { clock }: AnswerDeps, { receivedUs }: Call, { prompt, request }: Pick<Generating, "prompt" | "request">, trace: TraceRecorder, signal: AbortSignal,
): Promise<Partial<GenerateRequest>> {
  if (prompt === undefined) return {};
  const leftMs = () => (request.timeoutMs === null ? null : Math.max(1, request.timeoutMs - (clock.nowUs() - receivedUs) / 1000));
  return { prompt: await prompt(trace, signal, leftMs), timeoutMs: leftMs() };
}

interface Wording<Chunk, Whole> {
  readonly deps: AnswerDeps;
  readonly trace: TraceRecorder;
  readonly shape: AnswerShape<Chunk, Whole>;
  readonly request: GenerateRequest;
  readonly includeUsage: boolean;
}

/** The whole answer at once, from the same events. */
async function collect<Chunk, Whole>(generation: Generation, { deps, trace, shape }: Wording<Chunk, Whole>): Promise<Whole> {
  const parts = new AnswerParts();
  for await (const event of generation.events) {
    throwIfFailed(event);
    if (event.type === "start") began(deps, trace, event.choice);
    if (event.type === "text" && (event.text !== "" || event.calls !== undefined)) trace.firstText();
    parts.take(event);
  }
  return shape.whole(parts.choices, usageOf(trace), timingsOf(trace));
}

async function write<Chunk, Whole>(generation: Generation, sse: SseWriter, { deps, trace, shape, request, includeUsage }: Wording<Chunk, Whole>): Promise<void> {
  const { clock, metrics } = deps;
  /** By choice: the gap between two texts is one reader's wait. */
  const lastTextUs: number[] = [];
  let finished = 0;
  for await (const event of generation.events) {
    throwIfFailed(event);
    let room = true;
    switch (event.type) {
      case "prompt":
        break;
      case "start": {
        began(deps, trace, event.choice);
        const first = shape.first(event.choice);
        if (first !== null) room = sse.send(first);
        break;
      }
      case "text": {
        const startUs = clock.nowUs();
        const chunk = shape.piece({ choice: event.choice, text: event.text, tokens: event.tokens, calls: event.calls ?? [] });
        if (chunk === null) break;
        room = sse.send(chunk);
        trace.firstText();
        trace.beside("stream write", startUs, { tokens: event.tokens.length });
        const before = lastTextUs[event.choice];
        if (before !== undefined) metrics.interToken(trace.model, startUs - before);
        lastTextUs[event.choice] = startUs;
        break;
      }
      case "finish":
        finished += 1;
        room = sse.send(shape.finish(event.choice, event.reason, finished === request.choices ? timingsOf(trace) : null));
        break;
      case "end":
        if (includeUsage) sse.send(shape.usage(usageOf(trace)));
        sse.send("[DONE]");
        break;
      default:
        event satisfies never;
    }
    if (room) continue;
    // The model stops for this client until it has caught up; others go on.
    generation.pause();
    await sse.drained();
    generation.resume();
  }
}

/** The first answer begins: how long it waited, and how much of the prompt needed no work. */
function began({ metrics }: AnswerDeps, trace: TraceRecorder, choice: number): void {
  const { queueUs, cachedTokens, promptTokens } = trace.timings;
  if (choice === 0) metrics.started(trace.model, queueUs, cachedTokens, promptTokens);
}

function throwIfFailed(event: GenerationEvent): asserts event is Exclude<GenerationEvent, { readonly type: "failed" }> {
  if (event.type === "failed") throw InfernoError.fromBody(event.error);
}
