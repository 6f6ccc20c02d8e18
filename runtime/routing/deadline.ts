import { InfernoError } from "../../protocol/errors.ts";

/** A request's time limit while it waits in the gateway: its signal fires when the client leaves or when the time is over. */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #timeoutMs: number | null;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number | null, left: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    if (timeoutMs === null) {
      this.signal = left;
      return;
    }
    const over = new AbortController();
    this.#timer = setTimeout(() => over.abort(deadlineExceeded(timeoutMs)), timeoutMs);
    this.signal = AbortSignal.any([left, over.signal]);
  }

  /** What is left of the time, at least a millisecond; null for no limit. */
  leftMs(): number | null {
    return this.#timeoutMs === null ? null : Math.max(1, this.#timeoutMs - (performance.now() - this.#startMs));
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

const deadlineExceeded = (timeoutMs: number): InfernoError =>
  new InfernoError("deadline_exceeded", `The answer had not begun after ${timeoutMs} ms: the request was waiting for a place or for the model.`, { param: "timeout_ms" });
