import type { ModelStatus } from "../../protocol/api/inferno.ts";
import type { ModelDefinition } from "../config/registry.ts";
import type { Generation } from "../host/generation.ts";
import type { GenerateRequest, GenerationEvent } from "../host/messages.ts";
import type { HostSupervisor } from "../host/supervisor.ts";
import type { RequestQueue } from "../queue/queue.ts";
import type { TraceRecorder } from "../trace/recorder.ts";

/** One model of the gateway: what it is, who waits for it, and its process. */
export class ModelRuntime {
  readonly definition: ModelDefinition;
  readonly queue: RequestQueue;
  readonly host: HostSupervisor;
  /** Requests between their arrival and their last event. */
  #open = 0;
  #whenIdle: (() => void) | undefined;
  #lastRate: number | null = null;
  readonly #onIdle: () => void;

  constructor(definition: ModelDefinition, queue: RequestQueue, host: HostSupervisor, onIdle: () => void = () => undefined) {
    this.definition = definition;
    this.queue = queue;
    this.host = host;
    this.#onIdle = onIdle;
  }

  get busy(): boolean {
    return this.#open > 0;
  }

  status(): ModelStatus {
    const { name, source, origin, config } = this.definition;
    return {
      name, task: config.task, source, origin, ...this.host.status,
      running: this.queue.running, queued: this.queue.queued, tokensPerSecond: this.#lastRate,
    };
  }

  /** For a model that is replaced: its requests, waiting ones included, are answered, then its process ends for good. */
  async retire(): Promise<void> {
    if (this.busy) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await this.host.unload();
    await this.host.dispose();
  }

  /** Waits for a place, loads the model if need be, and starts the generation. What it does goes into `trace`. */
  async run(request: GenerateRequest, trace: TraceRecorder, signal: AbortSignal): Promise<Generation> {
    this.#open += 1;
    let release = () => {};
    const done = () => {
      this.#open -= 1;
      release();
      if (this.busy) return;
      this.#onIdle();
      this.#whenIdle?.();
    };
    try {
      release = await this.queue.enter({ id: request.id, priority: request.priority }, signal);
      let sentUs = trace.mark("queue");
      // Not marked when the model is there: the few microseconds belong to `dispatch`.
      const wasReady = this.host.isReady;
      const session = await this.host.ready(signal);
      if (!wasReady) sentUs = trace.mark("load");
      this.#describe(trace);
      const generation = session.generate(request, sentUs);
      return { ...generation, events: this.#follow(generation, trace, signal, done) };
    } catch (error) {
      done();
      throw error;
    }
  }

  async *#follow(generation: Generation, trace: TraceRecorder, signal: AbortSignal, done: () => void): AsyncGenerator<GenerationEvent> {
    signal.addEventListener("abort", generation.cancel, { once: true });
    if (signal.aborted) generation.cancel();
    try {
      for await (const event of generation.events) {
        record(trace, event);
        if (event.type === "end") {
          this.host.succeeded();
          this.#lastRate = trace.timings.tokensPerSecond ?? this.#lastRate;
        }
        yield event;
      }
    } finally {
      signal.removeEventListener("abort", generation.cancel);
      // For a reader that left early; after the last event this does nothing.
      generation.cancel();
      done();
    }
  }

  #describe(trace: TraceRecorder): void {
    const { info } = this.host.status;
    if (info === null) return;
    trace.engine = { name: info.engine, library: info.library, quantization: info.quantization, path: this.definition.source };
  }
}

function record(trace: TraceRecorder, event: GenerationEvent): void {
  trace.host(event.spans);
  switch (event.type) {
    case "prompt":
      return trace.prompt(event.text, event.tokens, event.truncated);
    case "start":
      return trace.reused(event.reuse);
    case "text":
      return trace.text(event.choice, event.text, event.calls ?? [], event.tokens.length);
    case "finish":
      return trace.finished(event.tokens, event.speculation);
    case "end":
      trace.complete();
      trace.mark("return");
      return;
    case "failed":
      trace.mark("return");
      return;
    default:
      return event satisfies never;
  }
}
