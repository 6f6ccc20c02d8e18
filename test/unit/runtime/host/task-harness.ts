import { setImmediate as turn } from "node:timers/promises";
import { VirtualClock } from "../../../../base/clock.ts";
import type { Timer } from "../../../../base/timer.ts";
import { fakeTaskModel } from "../../../../runtime/backends/fake/fake-task-model.ts";
import { virtualTime } from "../../../../runtime/backends/fake/fake-time.ts";
import { parseFakePath } from "../../../../runtime/backends/fake/options.ts";
import type { TaskModel } from "../../../../runtime/backends/task-model.ts";
import type { FromHost, HostCalls } from "../../../../runtime/host/messages.ts";
import { TaskHost } from "../../../../runtime/host/task-host.ts";
import { lengthBuckets } from "../../../../runtime/scheduler/length-buckets.ts";

type Answer = Extract<FromHost, { type: "answer" }>;

/** A task host over the fake model, on a virtual clock and with alarms that a test rings. */
export class TaskHarness {
  readonly clock = new VirtualClock(1_000_000);
  readonly said: FromHost[] = [];
  /** The lengths in each run. */
  readonly runs: number[][] = [];
  readonly host: TaskHost;
  readonly alarms = new Set<() => void>();

  constructor(path = "fake:echo?stepUs=1000&tokenUs=10", change: (model: TaskModel) => TaskModel = (model) => model) {
    const fake = change(fakeTaskModel(virtualTime(this.clock), parseFakePath(path)));
    const timer: Timer = {
      after: (_, ring) => {
        this.alarms.add(ring);
        return { dispose: () => void this.alarms.delete(ring) };
      },
    };
    const run: TaskModel["run"] = (items, signal, profile) => {
      this.runs.push(items.map(({ length }) => length));
      return fake.run(items, signal, profile);
    };
    this.host = new TaskHost({ model: { ...fake, run }, policy: lengthBuckets, waitUs: 2000, clock: this.clock, timer, send: (message) => this.said.push(message) });
  }

  embed(id: string, ...inputs: string[]): void {
    this.host.call(id, { kind: "embed", inputs }, this.clock.nowUs());
  }

  answer(id: string): Answer | undefined {
    return this.said.find((message): message is Answer => message.type === "answer" && message.id === id);
  }

  /** The lengths of the texts that came back, in their order; or the error's code. */
  outcome(id: string): readonly number[] | string | undefined {
    const outcome = this.answer(id)?.outcome;
    if (outcome === undefined) return undefined;
    if (!outcome.ok) return outcome.error.error.code;
    const { vectors } = outcome.value as HostCalls["embed"]["answered"];
    return vectors.map(([length]) => length!);
  }

  async turns(count = 10): Promise<void> {
    for (let i = 0; i < count; i += 1) await turn();
  }

  ring(): void {
    for (const ring of [...this.alarms]) ring();
  }
}
