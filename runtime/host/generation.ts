import type { GenerationEvent } from "./messages.ts";

/** One request in work on a model host. */
export interface Generation {
  /** `prompt`, `text`…, then `end` or `failed`, always; to be read once. */
  readonly events: AsyncIterable<GenerationEvent>;
  /** No steps until `resume`: the client does not keep up. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends it within one decode step; its last event is then `failed` with `request_cancelled`. */
  readonly cancel: () => void;
}

export const isLast = (event: GenerationEvent): boolean => event.type === "end" || event.type === "failed";

/** Events as they arrive on one side, to be awaited on the other. Ends by itself after the last event. */
export class EventBuffer implements AsyncIterable<GenerationEvent> {
  readonly #events: GenerationEvent[] = [];
  #wake: (() => void) | undefined;

  push(event: GenerationEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<GenerationEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      yield event;
      if (isLast(event)) return;
    }
  }
}
