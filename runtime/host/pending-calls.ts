import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import { judge, type ProcessEnd, type Verdict } from "./blame.ts";
import type { CallKind, FromHost, HostCall, HostCalls, SpanRecord, ToHost } from "./messages.ts";

/** What became of a call, and where its time went in the model's process. */
export interface CallAnswer<K extends CallKind> {
  readonly outcome: { readonly ok: true; readonly value: HostCalls[K]["answered"] } | { readonly ok: false; readonly error: InfernoError };
  readonly endUs: number;
  readonly spans: readonly SpanRecord[];
  /** The process ended before it answered; absent when it did. */
  readonly lost?: Verdict | undefined;
  /** Resolves when the process has nothing to do with it any more: later, when the call was cancelled in the middle of a run. */
  readonly settled: Promise<void>;
}

export interface CallOptions {
  readonly sentUs: number;
  readonly signal: AbortSignal;
  readonly suspect?: boolean | undefined;
}

interface Pending {
  readonly answer: (answer: CallAnswer<CallKind>) => void;
  readonly settled: PromiseWithResolvers<void>;
  readonly signal: AbortSignal;
  /** Whoever asked was told already that it is cancelled. */
  left: boolean;
}

type Answer = Extract<FromHost, { type: "answer" }>;

/** The calls on their way to one model host and back. */
export class PendingCalls {
  readonly #send: (message: ToHost) => void;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly #busy = { running: new Set<string>(), preparing: new Set<string>() };
  #busySinceUs = 0;

  constructor(send: (message: ToHost) => void, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** Calls that somebody waits for. */
  get size(): number {
    return [...this.#pending.values()].filter(({ left }) => !left).length;
  }

  /** How long the run in work takes already, in microseconds. */
  get runUs(): number {
    return this.#busy.running.size === 0 ? 0 : this.#clock.nowUs() - this.#busySinceUs;
  }

  async send<K extends CallKind>(id: string, kind: K, asked: HostCalls[K]["asked"], { sentUs, signal, suspect }: CallOptions): Promise<CallAnswer<K>> {
    signal.throwIfAborted();
    // The kind and what it asks are of one row of `HostCalls`, which a union cannot express for an open K.
    this.#send({ type: "call", id, call: { kind, ...asked } as HostCall, sentUs, ...(suspect === true && { suspect }) });
    const cancel = (): void => {
      if (!this.#pending.has(id)) return;
      this.#send({ type: "cancel", id });
      this.#leave();
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      // A host answers a call with what its kind says.
      return await new Promise<CallAnswer<CallKind>>((answer) => {
        this.#pending.set(id, { answer, settled: Promise.withResolvers(), signal, left: false });
      }) as CallAnswer<K>;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  busy({ running, preparing }: Extract<FromHost, { type: "busy" }>): void {
    this.#busy.running = new Set(running);
    this.#busy.preparing = new Set(preparing);
    this.#busySinceUs = this.#clock.nowUs();
    this.#leave();
  }

  settle({ id, outcome, endUs, spans }: Answer): void {
    // The answer to a cancel says nothing of a run that goes on: the process says itself when that is over.
    if (outcome.ok || outcome.error.error.code !== "request_cancelled") this.#busy.running.delete(id);
    this.#busy.preparing.delete(id);
    this.#end(id, { outcome: outcome.ok ? outcome : { ok: false, error: InfernoError.fromBody(outcome.error) }, endUs, spans });
  }

  failAll(error: InfernoError): void {
    for (const id of [...this.#pending.keys()]) this.#end(id, this.#without(error));
  }

  /** The process is gone. */
  loseAll(end: ProcessEnd, error: InfernoError): void {
    const verdict = judge(this.#busy, end);
    this.#busy.running = new Set();
    // The innocent go first: in the next process they then come before whoever may end that too.
    const innocentFirst = [...this.#pending.keys()].toSorted((a, b) => Number(verdict(a) !== "innocent") - Number(verdict(b) !== "innocent"));
    for (const id of innocentFirst) this.#end(id, { ...this.#without(error), lost: verdict(id) });
  }

  /** In the middle of a run the process hears of no cancel, and whoever left need not wait for that. */
  #leave(): void {
    if (this.#busy.running.size === 0) return;
    for (const pending of this.#pending.values()) {
      if (!pending.signal.aborted || pending.left) continue;
      pending.left = true;
      pending.answer({ ...this.#without(new InfernoError("request_cancelled", "The request was cancelled.")), settled: pending.settled.promise });
    }
  }

  #without(error: InfernoError): Omit<CallAnswer<CallKind>, "settled"> {
    return { outcome: { ok: false, error }, endUs: this.#clock.nowUs(), spans: [] };
  }

  #end(id: string, answer: Omit<CallAnswer<CallKind>, "settled">): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.settled.resolve();
    pending?.answer({ ...answer, settled: pending.settled.promise });
  }
}
