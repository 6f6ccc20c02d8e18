import { InfernoError } from "../../protocol/errors.ts";
import type { Timer } from "../../base/timer.ts";
import { readRecording } from "../../protocol/read-recording.ts";
import type { TraceTokens } from "../../protocol/trace-tokens.ts";
import type { Trace, TraceSummary } from "../../protocol/trace.ts";
import type { TraceStore } from "../store/trace-store.ts";
import { KeptApplicationSpans } from "./application-spans.ts";
import { TraceRecorder, type TraceStart } from "./recorder.ts";
import type { StoredRecording } from "./recording.ts";
import { VitalsWatch, type LoopDelay } from "./vitals.ts";

export interface TraceLogOptions {
  readonly store: TraceStore;
  /** A trace could not be stored. Its request was answered all the same. */
  readonly onStoreError: (error: InfernoError) => void;
  /** For looks at what goes on around requests. */
  readonly timer: Timer;
  readonly loop: LoopDelay;
}

/** All traces: those of requests in work and those on their way to the store from memory, the rest from the store. */
export class TraceLog {
  /** What the programs say that send the requests. */
  readonly application = new KeptApplicationSpans();
  readonly #options: TraceLogOptions;
  readonly #live = new Map<string, TraceRecorder>();
  readonly #saving = new Set<Promise<void>>();
  readonly #watch: VitalsWatch;

  constructor(options: TraceLogOptions) {
    this.#options = options;
    this.#watch = new VitalsWatch({ ...options, live: () => this.#live.values() });
  }

  begin(start: TraceStart): TraceRecorder {
    const recorder = new TraceRecorder(start);
    this.#live.set(recorder.id, recorder);
    if (recorder.records !== "off") this.#watch.wake();
    return recorder;
  }

  /** Of a request in work. */
  live(id: string): TraceRecorder | undefined {
    return this.#live.get(id);
  }

  /** Closes the trace and stores it in the background. */
  end(recorder: TraceRecorder): void {
    this.#watch.lookAt(recorder);
    recorder.end();
    const saving = this.#options.store.save(recorder.toTrace(), recorder.toRecording()).catch((error: unknown) => this.#options.onStoreError(InfernoError.from(error))).finally(() => {
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
    const trace = this.#live.get(id)?.toTrace() ?? this.#options.store.get(id);
    const application = trace === null ? undefined : this.application.around(trace);
    return trace === null || application === undefined ? trace : { ...trace, application };
  }

  /** Null when there is no such trace. */
  tokens(id: string, answer: number | undefined): TraceTokens | null {
    const live = this.#live.get(id);
    if (live !== undefined) return live.toTokens(answer);
    const stored = this.#options.store.recording(id);
    if (stored !== null) return readStored(id, stored, answer);
    if (this.#options.store.get(id) === null) return null;
    return readRecording({ id, recording: "off", live: false, complete: true, startUs: 0, cached: 0 }, new Uint8Array(), answer);
  }

  /** All that has ended is stored. */
  async flush(): Promise<void> {
    await Promise.all(this.#saving);
  }
}

function readStored(id: string, stored: StoredRecording, answer: number | undefined): TraceTokens {
  try {
    return readRecording({ ...stored, id, live: false }, stored.bytes, answer);
  } catch (cause) {
    throw new InfernoError("store_failed", `What was recorded of the tokens of trace ${id} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
