import type { SpanAttributes, SpanName } from "../../protocol/trace.ts";
import type { SpanRecord } from "./messages.ts";

/**
 * One request's time in this process. A cursor moves forward and every span starts where the one before ended,
 * so that the spans add up to the request's time by construction.
 */
export class Timeline {
  readonly startUs: number;
  #cursorUs: number;
  #spans: SpanRecord[] = [];

  constructor(startUs: number) {
    this.startUs = startUs;
    this.#cursorUs = startUs;
  }

  /** Where the last span ended. */
  get endUs(): number {
    return this.#cursorUs;
  }

  /** Everything from the cursor to `endUs` was `name`. A time before the cursor (two clocks read in turn) counts as the cursor. */
  mark(name: SpanName, endUs: number, attributes?: SpanAttributes): void {
    const startUs = this.#cursorUs;
    this.#cursorUs = Math.max(startUs, endUs);
    this.#spans.push({ name, startUs, endUs: this.#cursorUs, ...(attributes && { attributes }) });
  }

  /** As `mark`, but for time between the stages of this request: none of it leaves no span, and two in a row are one. */
  idle(name: "queue" | "wait" | "send", endUs: number): void {
    if (endUs <= this.#cursorUs) return;
    const last = this.#spans.at(-1);
    if (last?.name !== name) {
      this.mark(name, endUs);
      return;
    }
    this.#cursorUs = endUs;
    this.#spans[this.#spans.length - 1] = { ...last, endUs };
  }

  /** Something that ran at the same time as a span that is marked already. */
  beside(span: SpanRecord): void {
    this.#spans.push(span);
  }

  /** The spans since the last call, to be sent with the event they belong to. */
  take(): readonly SpanRecord[] {
    const spans = this.#spans;
    this.#spans = [];
    return spans;
  }
}
