import { encodeParts, encodeVitals, type RecordingPart, type VitalsRow } from "../../protocol/trace-recording.ts";
import type { RecordLevel } from "../../protocol/trace-tokens.ts";

/** As it is stored: everything but the trace's id. */
export interface StoredRecording {
  readonly recording: Exclude<RecordLevel, "off">;
  readonly complete: boolean;
  /** The trace's start on the machine's monotonic clock, which the recording's times are of. */
  readonly startUs: number;
  /** Prompt tokens that were not computed again. */
  readonly cached: number;
  readonly bytes: Uint8Array;
}

/** A token with all its candidates takes about 130 bytes: room for a quarter of a million of them. */
const mostBytes = 32 * 1024 * 1024;
/** Looks at what goes on around a request; with more, every other one is dropped, and then only every other one is taken. */
const mostLooks = 1024;

/** What one trace holds of tokens. It is kept as it came, and taken apart only when somebody reads it. */
export class Recording {
  readonly #limit: number;
  readonly #parts: (readonly [RecordingPart, Uint8Array])[] = [];
  #vitals: VitalsRow[] = [];
  #looks = 0;
  #every = 1;
  #size = 0;
  complete = true;

  constructor(limit = mostBytes) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0 && this.#vitals.length === 0;
  }

  /** Once it is too large the rest is left out: a request may run for days, and the gateway's memory is everybody's. */
  add(kind: Exclude<RecordingPart, "vitals">, bytes: Uint8Array): void {
    if (!this.complete) return;
    this.complete = this.#size + bytes.length <= this.#limit;
    if (!this.complete) return;
    this.#size += bytes.length;
    this.#parts.push([kind, bytes]);
  }

  look(row: VitalsRow): void {
    this.#looks += 1;
    if (this.#looks % this.#every !== 0) return;
    this.#vitals.push(row);
    if (this.#vitals.length < mostLooks) return;
    this.#vitals = this.#vitals.filter((_, index) => index % 2 === 1);
    this.#every *= 2;
  }

  toBytes(): Uint8Array {
    return encodeParts(this.#vitals.length === 0 ? this.#parts : [...this.#parts, ["vitals", encodeVitals(this.#vitals)]]);
  }
}
