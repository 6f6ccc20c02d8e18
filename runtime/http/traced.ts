import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Clock } from "../../base/clock.ts";
import { callerOf } from "../../base/traceparent.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { TraceLog } from "../trace/log.ts";
import type { TraceRecorder } from "../trace/recorder.ts";
import type { Metrics } from "./metrics.ts";
import type { Call } from "./mount.ts";

export interface TracedDeps {
  readonly clock: Clock;
  readonly traces: TraceLog;
  /** Record prompts and answers, and each token. */
  readonly records: () => { readonly text: boolean; readonly tokens: boolean };
  readonly metrics: Metrics;
}

export interface TracedRequest {
  readonly route: string;
  /** The model's name. */
  readonly model: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** As it was sent, for those who want to compute it again. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** Does one request's work with a trace around it, from the body's last byte to the answer's; a client that leaves aborts the signal. */
export async function traced<T>(
  { clock, traces, metrics, records }: TracedDeps, call: Call, { route, model, parameters, body }: TracedRequest,
  /** `created`: seconds since 1970. */
  act: (trace: TraceRecorder, signal: AbortSignal, created: number) => Promise<T>,
): Promise<T> {
  const id = randomBytes(12).toString("hex");
  // Checking a large body takes a while, and spans of the caller are placed by this.
  const now = Date.now() - Math.round((clock.nowUs() - call.receivedUs) / 1000);
  const caller = callerOf(call.request.headers.traceparent);
  const trace = traces.begin({ id, model, route, startedAt: new Date(now).toISOString(), startUs: call.receivedUs, clock, caller, ...records() });
  trace.parameters = parameters;
  trace.body = body ?? null;
  trace.mark("receive");
  void call.reply.header("x-inferno-trace-id", id);

  const gone = new AbortController();
  const closed = whenClosed(call.reply.raw, trace, gone);
  const work = act(trace, gone.signal, Math.floor(now / 1000)).catch((thrown: unknown) => {
    throw noted(trace, thrown);
  });
  // The trace ends after both: a client may leave before the model has stopped, and an answer be ready before it is written.
  void Promise.allSettled([work, closed]).then(() => {
    trace.outcome("ok");
    traces.end(trace);
    metrics.finished(trace.summary());
  });
  return await work;
}

/** What went wrong, also for the trace. */
export function noted(trace: TraceRecorder, thrown: unknown): InfernoError {
  const error = InfernoError.from(thrown);
  trace.outcome(error.code === "request_cancelled" ? "cancelled" : "error", error.code);
  return error;
}

/** Resolves when the answer is out or the client has left; then it also stops the work. */
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

/** A signal that aborts when the client leaves, for work without a trace. */
export function whileConnected({ reply: { raw } }: Call): AbortSignal {
  const gone = new AbortController();
  raw.once("close", () => gone.abort(new InfernoError("request_cancelled", "The client closed the connection.")));
  return gone.signal;
}
