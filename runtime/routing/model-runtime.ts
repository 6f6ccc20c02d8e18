import { randomUUID } from "node:crypto";
import type { ModelStatus } from "../../protocol/api/inferno.ts";
import type { ModelDefinition } from "../config/registry.ts";
import type { Generation } from "../host/generation.ts";
import type { CallKind, GenerateRequest, GenerationEvent, HostCalls, StepFacts } from "../host/messages.ts";
import type { HostSession } from "../host/session.ts";
import type { HostSupervisor } from "../host/supervisor.ts";
import type { RequestQueue } from "../queue/queue.ts";
import { Deadline } from "./deadline.ts";
import type { Surroundings, TraceRecorder } from "../trace/recorder.ts";

/** Of the processes that a request may lose without being to blame; others may end them one after the other. */
const mostLosses = 5;

export interface ModelHooks {
  /** Its last request in work has ended. */
  readonly onIdle?: () => void;
  readonly beforeUnload?: () => Promise<void>;
}

/** One model of the gateway: what it is, who waits for it, and its process. */
export class ModelRuntime {
  #definition: ModelDefinition;
  readonly queue: RequestQueue;
  readonly host: HostSupervisor;
  /** Requests between their arrival and their last event. */
  #open = 0;
  #whenIdle: (() => void) | undefined;
  #lastRate: number | null = null;
  #lastStep: StepFacts | null = null;
  readonly #hooks: ModelHooks;

  constructor(definition: ModelDefinition, queue: RequestQueue, host: HostSupervisor, hooks: ModelHooks = {}) {
    this.#definition = definition;
    this.queue = queue;
    this.host = host;
    this.#hooks = hooks;
  }

  get definition(): ModelDefinition {
    return this.#definition;
  }

  /** Takes over other LoRA adapters than it had, without loading the model again. Rejects when its process cannot, and then goes on with those it has. */
  async changeAdapters(definition: ModelDefinition): Promise<void> {
    const before = this.#definition;
    this.#redefine(definition);
    if (!this.host.isReady) return;
    const adapters = definition.config.lora.map(({ name, source: path, scale }) => ({ name, path, scale }));
    try {
      await this.ask("adapters", { adapters }, new AbortController().signal);
    } catch (error) {
      if (this.#definition === definition) this.#redefine(before);
      throw error;
    }
  }

  #redefine(definition: ModelDefinition): void {
    this.#definition = definition;
    this.host.redefine(definition);
  }

  /** Its process has made a decode step. */
  stepped(step: StepFacts): void {
    this.#lastStep = step;
  }

  get busy(): boolean {
    return this.#open > 0;
  }

  status(): ModelStatus {
    const { name, task, source, origin } = this.definition;
    return {
      name, task, source, origin, ...this.host.status,
      running: this.queue.running, queued: this.queue.queued, tokensPerSecond: this.#lastRate,
    };
  }

  /** Finishes its requests, then ends its process. */
  async unload(): Promise<void> {
    await this.#hooks.beforeUnload?.();
    await this.host.unload();
  }

  /** For a model that is replaced: its requests, waiting ones included, are answered, then its process ends for good. */
  async retire(): Promise<void> {
    await this.#hooks.beforeUnload?.();
    if (this.busy) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await this.host.unload();
    await this.host.dispose();
  }

  /** Waits for a place, loads the model if need be, and starts the generation. What it does goes into `trace`. One under a debugger mostly stands still: it takes no place. */
  async run(request: GenerateRequest, trace: TraceRecorder, signal: AbortSignal): Promise<Generation> {
    this.#open += 1;
    let release = () => {};
    const deadline = new Deadline(request.timeoutMs, signal);
    const done = () => {
      deadline.dispose();
      release();
      this.#left();
    };
    try {
      if (request.debug === undefined) release = await this.queue.enter({ id: request.id, priority: request.priority }, deadline.signal);
      const { session, sentUs } = await this.#ready(trace, trace.mark("queue"), deadline.signal);
      trace.surroundings = () => this.#surroundings();
      // From here on the host watches the time: it can still say what it has done.
      const generation = session.generate({ ...request, timeoutMs: deadline.leftMs() }, sentUs);
      deadline.dispose();
      return { ...generation, events: this.#follow(generation, trace, signal, done) };
    } catch (error) {
      done();
      throw error;
    }
  }

  /** Takes a request in work under the debugger; its tokens so far. */
  async attach(id: string): Promise<number> {
    const signal = new AbortController().signal;
    const { tokens } = await this.ask("debugAttach", { request: id }, signal);
    (await this.host.ready(signal)).forgetDeadline(id);
    return tokens;
  }

  /**
   * Work beside generation that takes a place of the queue, as a generation does. When the process ends in the meantime, by another's fault or maybe
   * by this one's, it is sent to the next; but not again after the second process that it may have ended.
   */
  async work<K extends CallKind>(
    kind: K, asked: HostCalls[K]["asked"], trace: TraceRecorder, left: AbortSignal, timeoutMs: number | null = null,
  ): Promise<HostCalls[K]["answered"]> {
    this.#open += 1;
    let release = () => {};
    let settled = Promise.resolve();
    const deadline = new Deadline(timeoutMs, left);
    const { signal } = deadline;
    try {
      release = await this.queue.enter({ id: trace.id, priority: 0 }, signal);
      let sinceUs = trace.mark("queue");
      for (let strikes = 0, losses = 0; ;) {
        const { session, sentUs } = await this.#ready(trace, sinceUs, signal);
        const { outcome, spans, lost, settled: over } = await session.call(trace.id, kind, asked, { sentUs, signal, suspect: strikes > 0 });
        settled = over;
        trace.host(spans);
        if (lost !== undefined && !outcome.ok) {
          losses += 1;
          strikes += lost === "innocent" ? 0 : 1;
          if (lost !== "culprit" && strikes < 2 && losses < mostLosses) {
            sinceUs = trace.mark("wait", { lost: outcome.error.code });
            continue;
          }
        }
        trace.mark("return");
        if (!outcome.ok) throw outcome.error;
        this.host.succeeded();
        return outcome.value;
      }
    } finally {
      // Until the process is done with it, so that those who cancel and ask again do not pile up in it.
      void settled.then(release);
      deadline.dispose();
      this.#left();
    }
  }

  /** Something that the model's process answers at once, beside whatever runs. */
  async ask<K extends CallKind>(kind: K, asked: HostCalls[K]["asked"], signal: AbortSignal): Promise<HostCalls[K]["answered"]> {
    this.#open += 1;
    try {
      const session = await this.host.ready(signal);
      const { outcome } = await session.call(randomUUID(), kind, asked, { sentUs: 0, signal });
      if (!outcome.ok) throw outcome.error;
      return outcome.value;
    } finally {
      this.#left();
    }
  }

  async #ready(trace: TraceRecorder, sinceUs: number, signal: AbortSignal): Promise<{ readonly session: HostSession; readonly sentUs: number }> {
    // Not marked when the model is there: the few microseconds belong to `dispatch`.
    const wasReady = this.host.isReady;
    const session = await this.host.ready(signal);
    const sentUs = wasReady ? sinceUs : trace.mark("load");
    this.#describe(trace);
    return { session, sentUs };
  }

  #left(): void {
    this.#open -= 1;
    if (this.busy) return;
    this.#hooks.onIdle?.();
    this.#whenIdle?.();
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

  #surroundings(): Surroundings {
    const { cellsUsed = 0, cells = 0, sequences = 0, computing } = this.#lastStep ?? {};
    return {
      rssBytes: this.host.status.rssBytes, cells: cellsUsed, cellsInAll: cells, sequences,
      threads: computing?.threads ?? null, othersBusy: computing?.othersBusy ?? null,
    };
  }

  #describe(trace: TraceRecorder): void {
    const { info } = this.host.status;
    if (info === null) return;
    const { kind, layers } = info.device;
    const device = layers === 0 ? kind : `${kind}, ${layers} layers`;
    trace.engine = { name: info.engine, library: info.library, quantization: info.quantization, path: this.definition.source, device, ...(info.fingerprint !== undefined && { fingerprint: info.fingerprint }) };
  }
}

function record(trace: TraceRecorder, event: GenerationEvent): void {
  trace.host(event.spans);
  for (const block of ("recorded" in event ? event.recorded : undefined) ?? []) trace.record(event.type === "prompt" ? "prompt" : "tokens", block);
  switch (event.type) {
    case "prompt":
      return trace.prompt(event.text, event.tokens, event.truncated, event.template);
    case "start":
      return trace.reused(event.reuse);
    case "text":
      return trace.text(event.choice, event.text, event.calls ?? [], event.tokens.length);
    case "finish":
      return trace.finished(event.tokens, event.dropped, event.speculation);
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
