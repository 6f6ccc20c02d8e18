import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { answered, refused } from "./call-outcome.ts";
import { isDebugCall, type DebugCalls } from "./debug/debug-calls.ts";
import type { EmbeddingHost } from "./embedding-host.ts";
import type { FromHost, GenerateRequest, HostCall } from "./messages.ts";
import type { ModelHost } from "./model-host.ts";
import type { StateCalls } from "./state-calls.ts";
import type { TaskHost } from "./task-host.ts";
import { isTextCall, type TextCalls } from "./text-calls.ts";
import { Timeline } from "./timeline.ts";

/** What the channel's messages reach once a model is loaded, whatever it is for. */
export interface Serving {
  /** Requests in work, waiting ones included. */
  readonly running: number;
  generate(request: GenerateRequest, sentUs: number): void;
  call(id: string, call: HostCall, sentUs: number, suspect?: boolean): void;
  cancel(id: string): void;
  cancelAll(): void;
  pause(id: string): void;
  resume(id: string): void;
  /** Resolves when no request is in work. */
  idle(): Promise<void>;
}

interface Parts {
  readonly texts: TextCalls;
  readonly clock: Clock;
  readonly send: (message: FromHost) => void;
}

/** A model that generates. */
export function servingGeneration(host: ModelHost, { states, debug }: { readonly states: StateCalls; readonly debug: DebugCalls }, parts: Parts): Serving {
  return {
    get running() { return host.running; },
    generate: (request, sentUs) => host.generate(request, sentUs),
    call: (id, call, sentUs) => {
      if (isDebugCall(call)) return debug.call(id, call, sentUs);
      // Done at once: there is nothing to cancel later.
      atOnce(parts, id, sentUs, () => {
        if (isTextCall(call)) return parts.texts.answer(call);
        if (call.kind === "saveState" || call.kind === "restoreState") return states.answer(call);
        if (call.kind === "adapters") return { loaded: host.setAdapters(call.adapters) };
        throw mismatch("This model generates text: it makes no vectors and no scores.");
      });
    },
    cancel: (id) => void (debug.cancel(id) || host.cancel(id)),
    cancelAll: () => host.cancelAll(),
    pause: (id) => host.pause(id),
    resume: (id) => host.resume(id),
    idle: () => host.idle(),
  };
}

/** A model that embeds or reranks. */
export function servingEmbedding(host: EmbeddingHost, parts: Parts): Serving {
  const { clock, send, texts } = parts;
  return {
    get running() { return host.running; },
    generate: ({ id }) => {
      const error = mismatch("This model makes vectors or scores: it generates no text.").toBody();
      send({ type: "events", events: [[id, { type: "failed", error, endUs: clock.nowUs(), spans: [] }]] });
    },
    call: (id, call, sentUs) => {
      if (call.kind === "embed" || call.kind === "rerank") return host.call(id, call, sentUs);
      atOnce(parts, id, sentUs, () => {
        if (isTextCall(call)) return texts.answer(call);
        throw mismatch("This model makes vectors or scores: it has no conversation to save.");
      });
    },
    cancel: (id) => host.cancel(id),
    cancelAll: () => host.cancelAll(),
    pause: () => undefined,
    resume: () => undefined,
    idle: () => host.idle(),
  };
}

/** A model whose requests are single runs. */
export function servingTask(host: TaskHost, { clock, send }: Omit<Parts, "texts">): Serving {
  return {
    get running() { return host.running; },
    generate: ({ id }) => {
      const error = mismatch("This model generates no text.").toBody();
      send({ type: "events", events: [[id, { type: "failed", error, endUs: clock.nowUs(), spans: [] }]] });
    },
    call: (id, call, sentUs, suspect) => {
      if (call.kind === "embed" || call.kind === "rerank" || call.kind === "infer") return host.call(id, call, sentUs, suspect);
      const timeline = new Timeline(sentUs);
      timeline.mark("dispatch", clock.nowUs());
      send(refused(id, timeline, mismatch("This model runs a graph: it has no text to tokenize and no conversation to save.")));
    },
    cancel: (id) => host.cancel(id),
    cancelAll: () => host.cancelAll(),
    pause: () => undefined,
    resume: () => undefined,
    idle: () => host.idle(),
  };
}

function atOnce({ clock, send }: Parts, id: string, sentUs: number, work: () => Parameters<typeof answered>[2]): void {
  const timeline = new Timeline(sentUs);
  timeline.mark("dispatch", clock.nowUs());
  try {
    const value = work();
    timeline.mark("tokenize", clock.nowUs());
    send(answered(id, timeline, value));
  } catch (error) {
    send(refused(id, timeline, error));
  }
}

const mismatch = (message: string): InfernoError => new InfernoError("model_task_mismatch", message, { param: "model" });
