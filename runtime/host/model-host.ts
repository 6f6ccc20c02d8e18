import { assert } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import type { FinishReason } from "../../protocol/api/openai.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { encodePrompt } from "../../protocol/trace-recording.ts";
import type { Backend } from "../backends/backend.ts";
import type { AdmissionPolicy, SchedulingPolicy, VictimPolicy } from "../scheduler/plan.ts";
import { AdapterSet } from "./adapter-set.ts";
import { Admitter } from "./admitter.ts";
import { Answer } from "./answer.ts";
import { AnswerTokens } from "./answer-tokens.ts";
import { BurstStart } from "./burst.ts";
import { Debugger } from "./debug/debugger.ts";
import { impossible } from "./debug/debugged.ts";
import { Job } from "./job.ts";
import type { DebugProgress, FromHost, GenerateRequest, HostCalls, HostOptions } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import { PromptPreparation } from "./prepare.ts";
import { SequencePool } from "./sequence-pool.ts";
import type { Speculation } from "./speculation.ts";
import type { SpillFolder } from "./spill-folder.ts";
import { Stepper } from "./stepper.ts";
import { Timeline } from "./timeline.ts";

export interface Policies {
  readonly batch: SchedulingPolicy;
  readonly admission: AdmissionPolicy;
  readonly victim: VictimPolicy;
}

export interface ModelHostOptions {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly policies: Policies;
  readonly speculation: Speculation;
  readonly adapters: HostOptions["adapters"];
  readonly cachePrefixes: boolean;
  /** For cached prefixes that have to leave the KV cache. */
  readonly spill?: SpillFolder | null | undefined;
  /** The calendar time, for chat templates. */
  readonly now: () => Date;
  readonly send: (message: FromHost) => void;
}

/**
 * The generation loop of one model. Each turn lets waiting answers start, plans one step over all running ones, lets the engine do it and
 * says what came out. Between two turns the event loop runs, so that a cancel, a pause or a new request takes effect at the next step.
 */
export class ModelHost {
  readonly pool: SequencePool;
  readonly debugger: Debugger;
  readonly #options: ModelHostOptions;
  readonly #outbox: Outbox;
  readonly #preparation: PromptPreparation;
  readonly #own: AdapterSet;
  readonly #admitter: Admitter;
  readonly #stepper: Stepper;
  readonly #jobs = new Map<string, Job>();
  /** Oldest first. */
  readonly #waiting: Answer[] = [];
  readonly #running = new Map<number, Answer>();
  readonly #burst = new BurstStart();
  #arrivals = 0;
  #turnIsDue = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: ModelHostOptions) {
    const { backend, clock, policies, now, send, cachePrefixes } = options;
    this.#options = options;
    this.#outbox = new Outbox(send);
    this.pool = new SequencePool(backend.memory, backend.capacity, options.spill ?? null);
    this.debugger = new Debugger({ backend, pool: this.pool });
    this.#own = new AdapterSet(backend, options.adapters);
    this.#preparation = new PromptPreparation(backend, clock, now);
    this.#admitter = new Admitter({ backend, pool: this.pool, policy: policies.admission, cacheEnabled: cachePrefixes });
    this.#stepper = new Stepper({
      backend, clock, policies, pool: this.pool, outbox: this.#outbox, speculation: options.speculation, running: this.#running,
      onOver: (answer, reason) => this.#over(answer, reason),
      onFailed: (answer, error) => this.#fail(answer.job, error),
      onSwapped: (answer) => this.#waiting.unshift(answer),
    });
  }

  /** Requests in work, waiting ones included. */
  get running(): number {
    return this.#jobs.size;
  }

  generate(request: GenerateRequest, sentUs: number): void {
    assert(!this.#jobs.has(request.id), `request ${request.id} is in work already`);
    const { clock } = this.#options;
    const timeline = new Timeline(sentUs);
    timeline.mark("dispatch", clock.nowUs());
    try {
      const fork = request.fork ? this.debugger.resume(request.fork, request) : null;
      const prompt = fork === null ? this.#preparation.prepare(request, timeline) : { ...fork.parent.prompt, params: { ...request.params, grammar: fork.parent.prompt.params.grammar } };
      const adapters = fork?.parent.adapters ?? this.#own.of(request);
      if (request.profile && !this.#options.backend.profiler) throw new InfernoError("invalid_request", "This model's engine cannot record single operations.", { param: "profile" });
      const job = new Job(request, prompt, timeline, { adapters, namespace: this.#own.namespaceOf(adapters), resumption: fork?.resumption ?? null });
      this.#outbox.add(request.id, { type: "prompt", text: prompt.text, tokens: prompt.tokens.length, truncated: prompt.truncated, template: prompt.template, ...this.#recordedPrompt(request, prompt.tokens), spans: timeline.take() });
      this.#outbox.flush();
      timeline.idle("send", clock.nowUs());
      for (let choice = 0; choice < request.choices; choice += 1) job.open.add(new Answer(job, choice, this.#arrivals++));
      const [first] = job.open;
      if (request.debug && first !== undefined) this.debugger.begin(job, first, request.debug.tokens);
      // Nobody may be running at the deadline, and no turn due.
      if (request.timeoutMs !== null) job.deadlineTimer = setTimeout(() => this.#wake(), request.timeoutMs).unref();
      this.#jobs.set(request.id, job);
      this.#waiting.push(...job.open);
    } catch (error) {
      this.#outbox.add(request.id, { type: "failed", error: InfernoError.from(error).toBody(), endUs: timeline.endUs, spans: timeline.take() });
      this.#outbox.flush();
      return;
    }
    this.#wake();
  }

  /** Control tokens too: they are what a template is made of. */
  readonly #pieceOf = (token: number): Uint8Array => this.#options.backend.tokenBytes(token, true);

  #recordedPrompt({ record }: GenerateRequest, tokens: readonly number[]): { readonly recorded?: readonly Uint8Array[] } {
    return record === "full" ? { recorded: [encodePrompt(tokens, this.#pieceOf)] } : {};
  }

  /** A request's tokens as `generate` makes them, and the name of those with whom they may be shared. */
  tokensOf(request: GenerateRequest): { readonly tokens: readonly number[]; readonly namespace: string } {
    const { tokens } = this.#preparation.prepare(request, new Timeline(this.#options.clock.nowUs()));
    return { tokens, namespace: this.#own.namespaceOf(this.#own.of(request)) };
  }

  cancel(id: string): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    job.idle(this.#options.clock.nowUs());
    this.#fail(job, new InfernoError("request_cancelled", "The request was cancelled."));
    this.#outbox.flush();
  }

  cancelAll(): void {
    for (const id of [...this.#jobs.keys()]) this.cancel(id);
  }

  pause(id: string): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    job.slow = true;
    this.#sayRest(job);
    this.#outbox.flush();
  }

  /** Somebody may be looking at it, and there will be no step to send the last tokens with. */
  #sayRest({ open, timeline, request: { id } }: Job): void {
    for (const { choice, recorded: tokens } of open) {
      const recorded = tokens?.rest() ?? [];
      if (recorded.length > 0) this.#outbox.add(id, { type: "text", choice, text: "", tokens: [], recorded, spans: timeline.take() });
    }
  }

  /** Takes a request in work under the debugger, where it stands; the number of its tokens so far. */
  debugAttach(id: string): number {
    const job = this.#jobs.get(id);
    if (job === undefined) throw impossible("The request is not in work any more: replay its trace instead.");
    if (job.debug !== null) throw new InfernoError("debug_busy", "Another debug session has this request already.");
    const [answer, ...more] = job.open;
    if (answer === undefined || more.length > 0) throw impossible("A request with several answers cannot be attached to.");
    job.forgetDeadline();
    this.debugger.begin(job, answer, 0);
    this.#sayStopped();
    return answer.generated;
  }

  debugStep(id: string, tokens: number | null, told: (progress: DebugProgress) => void): void {
    const debugged = this.debugger.find(id);
    debugged.grant(debugged.isOver ? 0 : tokens, told);
    this.#sayStopped();
    this.#wake();
  }

  debugStop(id: string): void {
    this.debugger.find(id).stop();
    this.#sayStopped();
  }

  debugRelease(id: string): void {
    this.debugger.release(id);
    this.#wake();
  }

  #sayStopped(): void {
    for (const { job } of this.debugger.settle()) this.#sayRest(job);
    this.#outbox.flush();
  }

  resume(id: string): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    job.slow = false;
    this.#wake();
  }

  /** Resolves when no request is in work. */
  async idle(): Promise<void> {
    if (this.#jobs.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Has these LoRA adapters from now on; new files are loaded, and requests in work keep what they began with to their end. */
  setAdapters(wanted: HostCalls["adapters"]["asked"]["adapters"]): number {
    try {
      return this.#own.set(wanted);
    } finally {
      this.#freeAdapters();
    }
  }

  #freeAdapters(): void {
    this.#own.freeUnwanted(new Set([...[...this.#jobs.values()].flatMap(({ adapters }) => adapters), ...this.debugger.adapters].map(({ adapter }) => adapter)));
  }

  #wake(afterMs = 0): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    const turn = (): void => {
      this.#turnIsDue = false;
      this.#turn();
    };
    if (afterMs > 0) setTimeout(turn, afterMs);
    else setImmediate(turn);
  }

  #turn(): void {
    this.#expire();
    this.#admit();
    const waitMs = this.#burst.waitUs(this.#stepper.promptUs) / 1000;
    // A timer is no finer.
    if (waitMs >= 1) return this.#wake(waitMs);
    const stepped = this.#stepper.step();
    this.#burst.turned(stepped.took);
    this.#outbox.flush(stepped.facts);
    this.#sayStopped();
    if (stepped.took > 0) {
      const endUs = this.#options.clock.nowUs();
      // Serialising and writing the message costs as much as a small model's sampling: as a part of `wait` it would look like somebody else's work.
      for (const job of stepped.jobs) if (this.#jobs.has(job.request.id)) job.timeline.idle("send", endUs);
    }
    if (this.#jobs.size === 0) this.#stepper.rest();
    // Nobody may run: `resume` and `generate` wake the loop again. Whoever waits then waits for one that is paused.
    if (stepped.took > 0 || stepped.swapped) this.#wake();
    else if (this.#turnIsDue) return;
    else if (this.#running.size > 0) assert([...this.#running.values()].every(({ job }) => job.paused), "the scheduling policy leaves answers that could run");
    else assert(this.#waiting.every(({ job }) => job.paused), "the admission policy leaves an answer waiting that could start");
  }

  #expire(): void {
    const nowUs = this.#options.clock.nowUs();
    for (const job of this.#jobs.values()) {
      const late = job.tooLate(nowUs);
      if (late === null) continue;
      job.idle(nowUs);
      this.#fail(job, late);
    }
  }

  #admit(): void {
    for (;;) {
      // Who is not read would hold cells that others could work with.
      const started = this.#admitter.next(this.#waiting.filter(({ job }) => !job.paused), this.#running);
      if (started === null) {
        if (this.#waiting.some(({ job }) => !job.paused) && this.#stepper.park()) continue;
        return;
      }
      if ("error" in started) {
        started.answer.job.idle(this.#options.clock.nowUs());
        this.#fail(started.answer.job, started.error);
        continue;
      }
      const { answer } = started;
      this.#waiting.splice(this.#waiting.indexOf(answer), 1);
      const { job, choice, sequence } = answer;
      assert(sequence !== null, "a started answer has a sequence");
      this.#running.set(sequence, answer);
      if (job.begun && started.reuse === null) continue;
      const reuse = started.reuse ?? { tokens: Math.min(answer.cached, job.prompt.tokens.length), source: "cached", reason: "whole", differs: null };
      job.idle(this.#options.clock.nowUs());
      job.begun = true;
      this.#outbox.add(job.request.id, { type: "start", choice, reuse, spans: job.timeline.take() });
      const { record = "off" } = job.request;
      if (record !== "off") answer.recorded = new AnswerTokens(choice, record === "full" ? this.#pieceOf : null);
      if (job.resumption !== null) this.#takeOver(answer, job.resumption.ids);
      try {
        answer.sampler ??= this.#options.backend.createSampler({ ...job.prompt.params, seed: (job.prompt.params.seed + choice) >>> 0 }, job.prompt.tokens, record !== "off" || job.debug !== null);
        if (job.debug !== null) answer.sampler.watch();
      } catch (error) {
        this.#fail(job, InfernoError.from(error));
      }
    }
  }

  #takeOver(answer: Answer, ids: readonly number[]): void {
    const { job: { timeline, request: { id } }, choice } = answer;
    const { text, tokens, calls } = answer.takeOver(ids, (token, special) => this.#options.backend.tokenBytes(token, special));
    this.#outbox.add(id, { type: "text", choice, text, tokens, ...(calls.length > 0 && { calls }), spans: timeline.take() });
  }

  /** The answer is complete, and with the last one its request. */
  #over(answer: Answer, reason: FinishReason): void {
    const { job } = answer;
    this.debugger.over(answer, reason);
    this.#release(answer);
    if (job.open.size > 0) return;
    const { timeline, request: { id } } = job;
    this.#outbox.add(id, { type: "end", endUs: timeline.endUs, spans: timeline.take() });
    this.#close(job);
  }

  #fail(job: Job, error: InfernoError): void {
    const { timeline, request: { id } } = job;
    if (!this.#jobs.has(id)) return;
    const recorded = [...job.open].flatMap((answer) => answer.recorded?.rest() ?? []);
    for (const answer of [...job.open]) {
      this.debugger.over(answer, error.code === "request_cancelled" ? "cancelled" : "failed");
      this.#release(answer);
    }
    this.#outbox.add(id, { type: "failed", error: error.toBody(), endUs: timeline.endUs, ...(recorded.length > 0 && { recorded }), spans: timeline.take() });
    this.#close(job);
  }

  #release(answer: Answer): void {
    const { job, sequence } = answer;
    job.open.delete(answer);
    // Others may have its place.
    this.#wake();
    answer.sampler?.dispose();
    answer.sampler = null;
    if (sequence === null) {
      const index = this.#waiting.indexOf(answer);
      if (index !== -1) this.#waiting.splice(index, 1);
      return;
    }
    this.#options.speculation.forget(answer);
    this.#running.delete(sequence);
    this.pool.leave(sequence, answer.tokens, this.#options.cachePrefixes && job.request.cachePrompt && answer.reusable, job.prompt.tokens.length);
    answer.sequence = null;
  }

  #close(job: Job): void {
    if (job.deadlineTimer !== null) clearTimeout(job.deadlineTimer);
    this.#jobs.delete(job.request.id);
    this.#freeAdapters();
    if (this.#jobs.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
