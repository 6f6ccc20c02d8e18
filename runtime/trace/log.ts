import { InfernoError } from "../../protocol/errors.ts";
import type { Trace, TraceSummary } from "../../protocol/trace.ts";
import type { TraceStore } from "../store/trace-store.ts";
import { TraceRecorder, type TraceStart } from "./recorder.ts";

export interface TraceLogOptions {
  readonly store: TraceStore;
  /** A trace could not be stored. Its request was answered all the same. */
  readonly onStoreError: (error: InfernoError) => void;
}

/** All traces: those of requests in work and those on their way to the store from memory, the rest from the store. */
export class TraceLog {
  readonly #options: TraceLogOptions;
  readonly #live = new Map<string, TraceRecorder>();
  readonly #saving = new Set<Promise<void>>();

  constructor(options: TraceLogOptions) {
    this.#options = options;
  }

  begin(start: TraceStart): TraceRecorder {
    const recorder = new TraceRecorder(start);
    this.#live.set(recorder.id, recorder);
    return recorder;
  }

  /** Closes the trace and stores it in the background. */
  end(recorder: TraceRecorder): void {
    recorder.end();
    const saving = this.#options.store.save(recorder.toTrace()).catch((error: unknown) => this.#options.onStoreError(InfernoError.from(error))).finally(() => {
      this.#live.delete(recorder.id);
      this.#saving.delete(saving);
    });
    this.#saving.add(saving);
  }

  /** Newest first. */
  list(limit: number): TraceSummary[] {
    const live = [...this.#live.values()].map((recorder) => recorder.summary()).reverse();
    const stored = this.#options.store.list(limit).filter(({ id }) => !this.#live.has(id));
    return [...live, ...stored].slice(0, limit);
  }

  get(id: string): Trace | null {
    return this.#live.get(id)?.toTrace() ?? this.#options.store.get(id);
  }

  /** All that has ended is stored. */
  async flush(): Promise<void> {
    await Promise.all(this.#saving);
  }
}
