import type { FromHost, GenerationEvent, StepFacts } from "./messages.ts";

/**
 * Collects what one turn of the loop says and sends it as one message: a message a token would cost more than a small model's sampling.
 * Outside a turn (a request arrives, one is cancelled) nothing is held back for longer than the current call.
 */
export class Outbox {
  readonly #send: (message: FromHost) => void;
  #events: (readonly [string, GenerationEvent])[] = [];

  constructor(send: (message: FromHost) => void) {
    this.#send = send;
  }

  add(id: string, event: GenerationEvent): void {
    this.#events.push([id, event]);
  }

  flush(step?: StepFacts): void {
    if (this.#events.length === 0 && step === undefined) return;
    const events = this.#events;
    this.#events = [];
    this.#send({ type: "events", events, ...(step && { step }) });
  }
}
