import { InfernoError } from "../../protocol/errors.ts";

/** A process that is well says within a step what became of a request, and a step takes seconds at most where others wait for theirs. */
const graceMs = 10_000;

/** Ends a request whose process does not, though the request is over its time or its client has left. */
export class Overdue {
  readonly #end: (error: InfernoError) => void;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(timeoutMs: number | null, end: (error: InfernoError) => void) {
    this.#end = end;
    if (timeoutMs === null) return;
    this.#after(timeoutMs, () => new InfernoError("deadline_exceeded", `The request's time is over, and for ${graceMs / 1000} s more the model's process has not answered.`, { param: "timeout_ms" }));
  }

  cancelled(): void {
    this.#after(0, () => new InfernoError("request_cancelled", "The request was cancelled; the model's process has not answered yet."));
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #after(ms: number, error: () => InfernoError): void {
    this.#timers.push(setTimeout(() => this.#end(error()), ms + graceMs).unref());
  }
}
