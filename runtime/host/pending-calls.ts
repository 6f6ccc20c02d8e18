import { InfernoError } from "../../protocol/errors.ts";
import type { CallKind, FromHost, HostCall, HostCalls, SpanRecord, ToHost } from "./messages.ts";

/** What became of a call, and where its time went in the model's process. */
export interface CallAnswer<K extends CallKind> {
  readonly outcome: { readonly ok: true; readonly value: HostCalls[K]["answered"] } | { readonly ok: false; readonly error: InfernoError };
  readonly endUs: number;
  readonly spans: readonly SpanRecord[];
}

type Answer = Extract<FromHost, { type: "answer" }>;

/** The calls on their way to one model host and back. */
export class PendingCalls {
  readonly #send: (message: ToHost) => void;
  readonly #pending = new Map<string, (answer: CallAnswer<CallKind>) => void>();

  constructor(send: (message: ToHost) => void) {
    this.#send = send;
  }

  get size(): number {
    return this.#pending.size;
  }

  async send<K extends CallKind>(id: string, kind: K, asked: HostCalls[K]["asked"], sentUs: number, signal: AbortSignal): Promise<CallAnswer<K>> {
    signal.throwIfAborted();
    // The kind and what it asks are of one row of `HostCalls`, which a union cannot express for an open K.
    this.#send({ type: "call", id, call: { kind, ...asked } as HostCall, sentUs });
    const cancel = (): void => {
      if (this.#pending.has(id)) this.#send({ type: "cancel", id });
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      // A host answers a call with what its kind says.
      return await new Promise<CallAnswer<CallKind>>((resolve) => this.#pending.set(id, resolve)) as CallAnswer<K>;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  settle({ id, outcome, endUs, spans }: Answer): void {
    this.#end(id, { outcome: outcome.ok ? outcome : { ok: false, error: InfernoError.fromBody(outcome.error) }, endUs, spans });
  }

  failAll(error: InfernoError, endUs: number): void {
    for (const id of [...this.#pending.keys()]) this.#end(id, { outcome: { ok: false, error }, endUs, spans: [] });
  }

  #end(id: string, answer: CallAnswer<CallKind>): void {
    const resolve = this.#pending.get(id);
    this.#pending.delete(id);
    resolve?.(answer);
  }
}
