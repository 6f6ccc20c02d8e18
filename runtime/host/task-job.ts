import type { Prepared, TaskCall, TaskItem } from "../backends/task-model.ts";
import type { WaitingItem } from "../scheduler/length-buckets.ts";
import { Timeline } from "./timeline.ts";

/** One request of a model whose requests are single runs. */
export class TaskJob {
  readonly id: string;
  readonly call: TaskCall;
  /** A process ended while it worked on this request and others. */
  readonly suspect: boolean;
  readonly timeline: Timeline;
  readonly arrivalUs: number;
  /** Since when it is passed over. */
  sinceUs: number;
  stage: "queued" | "preparing" | "runs" | "finishing" = "queued";
  #prepared: Prepared | null = null;
  #results: unknown[] = [];
  /** Entries that are in no run and have no result yet. */
  #waiting: readonly TaskEntry[] = [];
  #missing = 0;

  constructor(id: string, call: TaskCall, suspect: boolean, { sentUs, nowUs }: { readonly sentUs: number; readonly nowUs: number }) {
    this.id = id;
    this.call = call;
    this.suspect = suspect;
    this.arrivalUs = nowUs;
    this.sinceUs = nowUs;
    this.timeline = new Timeline(sentUs);
    this.timeline.mark("dispatch", nowUs);
  }

  get waiting(): readonly TaskEntry[] {
    return this.#waiting;
  }

  /** Every item has its result. */
  get isComplete(): boolean {
    return this.#missing === 0;
  }

  prepared(prepared: Prepared): void {
    this.stage = "runs";
    this.#prepared = prepared;
    this.#results = prepared.items.map(() => null);
    this.#missing = prepared.items.length;
    this.#waiting = prepared.items.map((item, index) => new TaskEntry(this, item, index));
  }

  /** These of its entries are in a run from now on. */
  take(entries: ReadonlySet<TaskEntry>): void {
    this.#waiting = this.#waiting.filter((entry) => !entries.has(entry));
  }

  /** Their run failed, and it may have been another's fault. */
  putBack(entries: readonly TaskEntry[]): void {
    for (const entry of entries) entry.alone = true;
    this.#waiting = [...entries, ...this.#waiting];
  }

  settle(index: number, result: unknown): void {
    this.#results[index] = result;
    this.#missing -= 1;
  }

  async finish(): ReturnType<Prepared["finish"]> {
    this.stage = "finishing";
    if (this.#prepared === null) throw new Error("finished before it was prepared");
    return await this.#prepared.finish(this.#results);
  }

  /** What the time since the last mark was, for a request that ends early. */
  interrupt(nowUs: number): void {
    if (this.stage === "preparing") this.timeline.mark("preprocess", nowUs);
    else if (this.stage === "finishing") this.timeline.mark("postprocess", nowUs);
    else this.timeline.idle("wait", nowUs);
  }
}

/** One item of a request, as the policy sees it. */
export class TaskEntry implements WaitingItem {
  readonly job: TaskJob;
  readonly item: TaskItem;
  readonly index: number;
  alone: boolean;

  constructor(job: TaskJob, item: TaskItem, index: number) {
    this.job = job;
    this.item = item;
    this.index = index;
    this.alone = job.suspect;
  }

  get length(): number {
    return this.item.length;
  }

  get arrivalUs(): number {
    return this.job.arrivalUs;
  }

  get sinceUs(): number {
    return this.job.sinceUs;
  }

  get request(): string {
    return this.job.id;
  }
}
