import type { OperationProfiler, ProfilerFacts, StepProfile } from "../../backend.ts";
import type { NativeContext } from "../native-context.ts";
import type { Library } from "../native/library.ts";
import type { Threads } from "../threads/index.ts";
import { machineLimits } from "./machine-limits.ts";
import type { OperationRecorder } from "./recorder.ts";

export interface LlamaProfilerOptions {
  readonly library: Library;
  readonly home: string;
  readonly context: NativeContext;
  readonly recorder: OperationRecorder;
  readonly threads: Threads;
  /** Layers are on a GPU: its limits are the ones to know. */
  readonly onGpu: boolean;
}

/**
 * A context takes its callback only when it is made, and one that has it asks about every node of every step, a quarter of a microsecond each, for ever
 * (docs/decisions/0025-operation-profiles.md). So it has one only from `begin` to `end`.
 */
export class LlamaProfiler implements OperationProfiler {
  readonly #options: LlamaProfilerOptions;
  #isReady = false;

  constructor(options: LlamaProfilerOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  begin(): ProfilerFacts {
    const { context, recorder, threads } = this.#options;
    // Before its first step a model has no threads yet.
    threads.aside(1, () => undefined);
    const limits = machineLimits(this.#options);
    const movedBytes = context.remake({ cb_eval: recorder.callback });
    this.#isReady = true;
    return { movedBytes, limits };
  }

  end(): void {
    this.#isReady = false;
    // The model may be unloaded before the loop finds that nobody is in work.
    if (this.#options.context.isAlive) this.#options.context.remake({});
  }

  record<T>(decode: () => T, oneGraph: boolean): T {
    return this.#options.recorder.record(decode, oneGraph);
  }

  /** Of the last decode that was recorded. */
  profile(): StepProfile {
    const { recorder, threads } = this.#options;
    return recorder.profile(threads.count);
  }
}
