import { assert } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { Timer } from "../../base/timer.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { TaskCall, TaskModel, TaskReport } from "../backends/task-model.ts";
import type { NextRun } from "../scheduler/length-buckets.ts";
import { answered, refused } from "./call-outcome.ts";
import type { FromHost, RunFacts } from "./messages.ts";
import { Preparations } from "./preparations.ts";
import { TaskJob, type TaskEntry } from "./task-job.ts";

export interface TaskHostOptions {
  readonly model: TaskModel;
  readonly policy: NextRun;
  /** How long a request may wait for others to share its run. */
  readonly waitUs: number;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly send: (message: FromHost) => void;
}

interface Run {
  readonly jobs: ReadonlySet<TaskJob>;
  readonly unwanted: AbortController;
}

/**
 * The loop of a model whose requests are single runs: each request is prepared, its items wait for a run that the policy lets them share, and its
 * answer is made of their results. A run blocks this process, so between two of them the event loop turns: a cancel, another request or the end of a
 * preparation takes effect then.
 */
export class TaskHost {
  readonly #options: TaskHostOptions;
  /** Oldest first. */
  readonly #jobs = new Map<string, TaskJob>();
  readonly #preparations: Preparations;
  #running: Run | null = null;
  /** Requests in work when the last run began. */
  #company = 0;
  #facts: RunFacts[] = [];
  #turnIsDue = false;
  #alarm: Disposable | null = null;
  #whenIdle: (() => void)[] = [];

  constructor(options: TaskHostOptions) {
    this.#options = options;
    this.#preparations = new Preparations({ prepare: (job) => this.#prepare(job), onSlow: () => this.#sayBusy() });
  }

  get running(): number {
    return this.#jobs.size;
  }

  call(id: string, call: TaskCall, sentUs: number, suspect = false): void {
    assert(!this.#jobs.has(id), `call ${id} is in work already`);
    const job = new TaskJob(id, call, suspect, { sentUs, nowUs: this.#options.clock.nowUs() });
    this.#jobs.set(id, job);
    this.#preparations.add(job);
  }

  /** Answered at once, whatever is being done for it; that comes to nothing. */
  cancel(id: string): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    job.interrupt(this.#options.clock.nowUs());
    this.#refuse(job, new InfernoError("request_cancelled", "The request was cancelled."));
  }

  cancelAll(): void {
    for (const id of [...this.#jobs.keys()]) this.cancel(id);
  }

  async idle(): Promise<void> {
    if (this.#jobs.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  async #prepare(job: TaskJob): Promise<void> {
    const { clock, model } = this.#options;
    job.timeline.idle("wait", clock.nowUs());
    job.stage = "preparing";
    try {
      const prepared = await model.prepare(job.call);
      if (!this.#isOpen(job)) return;
      job.timeline.mark("preprocess", clock.nowUs(), { items: prepared.items.length });
      job.prepared(prepared);
    } catch (error) {
      if (!this.#isOpen(job)) return;
      job.timeline.mark("preprocess", clock.nowUs());
      this.#refuse(job, error);
      return;
    }
    if (job.isComplete) await this.#finish(job);
    else this.#wake();
  }

  #wake(): void {
    if (this.#turnIsDue || this.#running !== null) return;
    this.#turnIsDue = true;
    setImmediate(() => {
      this.#turnIsDue = false;
      this.#turn(this.#options.waitUs);
    });
  }

  #turn(waitUs: number): void {
    if (this.#running !== null) return;
    const { clock, model, policy, timer } = this.#options;
    this.#alarm?.dispose();
    const waiting = [...this.#jobs.values()].flatMap((job) => job.waiting);
    const nowUs = clock.nowUs();
    const decision = policy(waiting, model.limits, { nowUs, waitUs, company: this.#company });
    if (decision === null) return;
    if (decision.kind === "run") void this.#run(decision.items);
    // The timer's word counts, not the clock's: it may be a little early.
    else this.#alarm = timer.after(Math.ceil((decision.untilUs - nowUs) / 1000), () => this.#turn(0));
  }

  async #run(entries: readonly TaskEntry[]): Promise<void> {
    const jobs = new Set(entries.map(({ job }) => job));
    const taken = new Set(entries);
    for (const job of jobs) job.take(taken);
    const unwanted = new AbortController();
    this.#running = { jobs, unwanted };
    this.#company = this.#jobs.size;
    this.#sayBusy();
    try {
      const profile = [...jobs].some(({ call }) => call.profile === true);
      const report = await this.#options.model.run(entries.map(({ item }) => item), unwanted.signal, profile);
      assert(report.results.length === entries.length, `a run of ${entries.length} items gave ${report.results.length} results`);
      this.#ran(jobs);
      this.#settle(entries, jobs, report);
    } catch (error) {
      this.#ran(jobs);
      this.#retry(entries, jobs, error);
    }
    this.#wake();
  }

  #ran(jobs: ReadonlySet<TaskJob>): void {
    this.#running = null;
    // Answers say it too, but whoever was cancelled in the meantime had that answer before.
    if ([...jobs].some((job) => !this.#isOpen(job))) this.#sayBusy();
  }

  #settle(entries: readonly TaskEntry[], jobs: ReadonlySet<TaskJob>, { compute, results, operations = [], operationsLeftOut = 0 }: TaskReport): void {
    const padding = paddingOf(entries);
    this.#facts.push({ requests: jobs.size, items: entries.length, padding, runUs: compute.endUs - compute.startUs });
    for (const [place, { job, index }] of entries.entries()) job.settle(index, results[place]);
    for (const job of jobs) {
      if (!this.#isOpen(job)) continue;
      job.sinceUs = compute.endUs;
      job.timeline.idle("wait", compute.startUs);
      job.timeline.mark("run", compute.endUs, { batch: entries.length, items: entries.filter((entry) => entry.job === job).length, padding, ...(operations.length > 0 && { operations: operations.length, operationsLeftOut }) });
      for (const { startUs, endUs, ...attributes } of operations) job.timeline.beside({ name: "operation", startUs, endUs, attributes: { ...attributes, shapes: attributes.shapes ?? "" } });
      if (job.isComplete) void this.#finish(job);
    }
  }

  /** A run of several that failed is done again one by one, so that only the culprit fails. */
  #retry(entries: readonly TaskEntry[], jobs: ReadonlySet<TaskJob>, error: unknown): void {
    for (const job of jobs) {
      if (!this.#isOpen(job)) continue;
      job.timeline.mark("run", this.#options.clock.nowUs(), { batch: entries.length, failed: true });
      if (entries.length === 1) this.#refuse(job, error);
      else job.putBack(entries.filter((entry) => entry.job === job));
    }
  }

  async #finish(job: TaskJob): Promise<void> {
    const { clock } = this.#options;
    try {
      const value = await job.finish();
      if (!this.#isOpen(job)) return;
      job.timeline.mark("postprocess", clock.nowUs());
      this.#end(job, answered(job.id, job.timeline, value));
    } catch (error) {
      if (!this.#isOpen(job)) return;
      job.timeline.mark("postprocess", clock.nowUs());
      this.#refuse(job, error);
    }
  }

  #isOpen(job: TaskJob): boolean {
    return this.#jobs.get(job.id) === job;
  }

  #refuse(job: TaskJob, error: unknown): void {
    this.#end(job, refused(job.id, job.timeline, error));
  }

  #end(job: TaskJob, message: Extract<FromHost, { type: "answer" }>): void {
    this.#jobs.delete(job.id);
    this.#preparations.over(job);
    this.#options.send(this.#facts.length === 0 ? message : { ...message, runs: this.#facts.splice(0) });
    if (this.#running !== null && [...this.#running.jobs].every((other) => !this.#isOpen(other))) this.#running.unwanted.abort();
    if (this.#jobs.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Cancelled ones too: what is being done for them goes on. */
  #sayBusy(): void {
    const idsOf = (jobs: Iterable<TaskJob>): string[] => [...jobs].map(({ id }) => id);
    this.#options.send({ type: "busy", running: idsOf(this.#running?.jobs ?? []), preparing: idsOf(this.#preparations.slow) });
  }
}

/** Of what a run computed, the share that was padding. */
function paddingOf(entries: readonly TaskEntry[]): number {
  const longest = entries.reduce((most, { length }) => Math.max(most, length), 0);
  const real = entries.reduce((sum, { length }) => sum + length, 0);
  return longest === 0 ? 0 : Math.round((1 - real / (entries.length * longest)) * 1000) / 1000;
}
