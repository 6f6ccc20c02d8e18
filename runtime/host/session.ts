import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { ModelInfo, ModelMemory } from "../../protocol/model.ts";
import { EventBuffer, isLast, type Generation } from "./generation.ts";
import { Overdue } from "./overdue.ts";
import { PendingCalls, type CallAnswer, type CallOptions } from "./pending-calls.ts";
import type { CallKind, FromHost, GenerateRequest, GenerationEvent, HostCalls, RunFacts, StepFacts, ToHost } from "./messages.ts";
import type { HostProcess } from "./process.ts";

export interface LoadedModel {
  readonly info: ModelInfo;
  readonly context: number;
  /** Answers that it works on at once. */
  readonly parallel: number;
  readonly memory: ModelMemory | null;
  readonly loadUs: number;
}

export interface SessionOptions {
  readonly model: string;
  readonly process: HostProcess;
  readonly load: Extract<ToHost, { type: "load" | "loadTask" }>;
  readonly clock: Clock;
  readonly onProgress: (phase: "downloading" | "loading", fraction: number) => void;
  /** After every decode step, with its figures. */
  readonly onStep: (step: StepFacts) => void;
  /** The same for models whose requests are single runs. */
  readonly onRun: (run: RunFacts) => void;
}

/** One model host process, from its start to its end. */
export class HostSession {
  readonly #options: SessionOptions;
  readonly #running = new Map<string, { readonly events: EventBuffer; readonly overdue: Overdue }>();
  readonly #calls: PendingCalls;
  #idle: (() => void) | undefined;
  #heardUs: number;
  #closing = false;
  #stuck: InfernoError | null = null;
  #over = false;
  rssBytes: number | null = null;
  /** Rejects when the model cannot be loaded. */
  readonly loaded: Promise<LoadedModel>;
  /** Resolves when the process is gone: with the reason if nobody asked for it, else with null. */
  readonly ended: Promise<InfernoError | null>;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#heardUs = options.clock.nowUs();
    const { channel, ended } = options.process;
    this.#calls = new PendingCalls((message) => channel.send(message), options.clock);
    this.loaded = new Promise((resolve, reject) => {
      channel.onMessage((message) => this.#receive(message, resolve, reject));
      void ended.then((how) => reject(this.#died("model_load_failed", how)));
    });
    this.ended = ended.then((how) => {
      const error = this.#stuck ?? this.#died("model_host_crashed", how);
      this.#over = true;
      this.#calls.loseAll(this.#stuck === null ? "crashed" : "stuck", error);
      this.#failAll(error);
      this.#idle?.();
      return this.#closing ? null : error;
    });
    channel.send(options.load);
  }

  get pid(): number | null {
    return this.#options.process.pid;
  }

  get running(): number {
    return this.#running.size + this.#calls.size;
  }

  /** Microseconds since the process was last heard of. */
  get silentUs(): number {
    return this.#options.clock.nowUs() - this.#heardUs;
  }

  /** How long its run takes already; 0 when it is in none. */
  get runUs(): number {
    return this.#calls.runUs;
  }

  generate(request: GenerateRequest, sentUs: number): Generation {
    const { channel } = this.#options.process;
    const { id } = request;
    const events = new EventBuffer();
    // Sent first: a request that cannot be sent must not count as in work, or `close` would wait for it.
    channel.send({ type: "generate", request, sentUs });
    const overdue = new Overdue(request.timeoutMs, (error) => this.#fail(id, error));
    this.#running.set(id, { events, overdue });
    const tell = (type: "cancel" | "pause" | "resume") => () => {
      if (!this.#running.has(id)) return;
      channel.send({ type, id });
      if (type === "cancel") overdue.cancelled();
    };
    return { events, pause: tell("pause"), resume: tell("resume"), cancel: tell("cancel") };
  }

  /** Somebody looks at this request: it may take as long as it likes. */
  forgetDeadline(id: string): void {
    this.#running.get(id)?.overdue.clear();
  }

  /** Work beside generation; ends with `request_cancelled` when the signal says so. */
  call<K extends CallKind>(id: string, kind: K, asked: HostCalls[K]["asked"], options: CallOptions): Promise<CallAnswer<K>> {
    const answer = this.#calls.send(id, kind, asked, options);
    // It may have died since its supervisor said that it is ready.
    if (this.#over) this.#calls.loseAll("crashed", this.#died("model_host_crashed", "is gone"));
    return answer;
  }

  /** Lets the requests in work finish, then ends the process; at once, if it says nothing for so long meanwhile. */
  async close(silenceMs: number | null): Promise<void> {
    this.#closing = true;
    const watch = silenceMs === null ? undefined : setInterval(() => (this.silentUs > silenceMs * 1000 ? this.kill() : undefined), 1000);
    if (this.running > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    clearInterval(watch);
    this.#options.process.channel.send({ type: "shutdown" });
    const timer = setTimeout(() => this.kill(), shutdownMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends the process now; requests in work fail with this error, or as after a crash. */
  kill(reason?: InfernoError): void {
    if (reason !== undefined) {
      this.#closing = true;
      this.#failAll(reason);
    }
    this.#options.process.kill();
  }

  /** Ends a process that does not come back. */
  abandon(error: InfernoError): void {
    this.#stuck = error;
    this.#options.process.kill();
  }

  #receive(message: FromHost, loaded: (model: LoadedModel) => void, failed: (error: InfernoError) => void): void {
    this.#heardUs = this.#options.clock.nowUs();
    switch (message.type) {
      case "progress":
        return this.#options.onProgress(message.phase === "download" ? "downloading" : "loading", message.fraction);
      case "ready": {
        const { model: info, context, parallel, memory, loadUs } = message;
        return loaded({ info, context, parallel, memory, loadUs });
      }
      case "forecast":
      case "inspected":
        return; // Only a process that was asked for nothing else says this.
      case "loadFailed":
        return failed(InfernoError.fromBody(message.error));
      case "pulse":
        this.rssBytes = message.rssBytes;
        return;
      case "events":
        for (const [id, event] of message.events) this.#deliver(id, event);
        if (message.step) this.#options.onStep(message.step);
        return;
      case "busy":
        return this.#calls.busy(message);
      case "answer":
        this.#calls.settle(message);
        for (const run of message.runs ?? []) this.#options.onRun(run);
        if (this.running === 0) this.#idle?.();
        return;
      default:
        return message satisfies never;
    }
  }

  #deliver(id: string, event: GenerationEvent): void {
    const request = this.#running.get(id);
    request?.events.push(event);
    if (isLast(event)) {
      request?.overdue.clear();
      this.#running.delete(id);
    }
    if (this.running === 0) this.#idle?.();
  }

  #failAll(error: InfernoError): void {
    this.#calls.failAll(error);
    for (const id of [...this.#running.keys()]) this.#fail(id, error);
  }

  #fail(id: string, error: InfernoError): void {
    this.#deliver(id, { type: "failed", error: error.toBody(), endUs: this.#options.clock.nowUs(), spans: [] });
  }

  #died(code: "model_load_failed" | "model_host_crashed", how: string): InfernoError {
    // Once requests run, what native code wrote may quote one of them, and this error goes to all others: then it is in the daemon's log only.
    const lines = code === "model_load_failed" ? this.#options.process.lastLines() : [];
    const said = lines.length === 0 ? "" : ` Its last words: ${lines.slice(-5).join(" | ").slice(-1000)}`;
    return new InfernoError(code, `The process of model "${this.#options.model}" ${how}.${said}`);
  }
}

/** A process that has not ended this long after it was asked to is killed. */
const shutdownMs = 5_000;
