import { encodeTokens, type TokenRow } from "../../protocol/trace-recording.ts";
import type { SampledToken } from "../backends/backend.ts";

/** Where and when a token was chosen. */
export type Moment = Pick<TokenRow, "timeUs" | "step" | "batch" | "cells" | "poolCells">;

/** A block is sent with so many tokens, or when its first is so old: somebody may be watching. */
const blockTokens = 32;
const blockUs = 250_000;

/** Collects what is recorded of one answer's tokens. */
export class AnswerTokens {
  readonly #answer: number;
  readonly #pieceOf: ((id: number) => Uint8Array) | null;
  #rows: TokenRow[] = [];

  /** `pieceOf`: null when nothing that is text is to be recorded. */
  constructor(answer: number, pieceOf: ((id: number) => Uint8Array) | null) {
    this.#answer = answer;
    this.#pieceOf = pieceOf;
  }

  add({ id, facts, guess }: SampledToken, moment: Moment): void {
    if (facts !== undefined) this.#rows.push({ id, ...facts, guess: guess ?? "none", ...moment });
  }

  /** A block when it is time for one. */
  due(): Uint8Array[] {
    const [first] = this.#rows;
    const waitedUs = (this.#rows.at(-1)?.timeUs ?? 0) - (first?.timeUs ?? 0);
    return this.#rows.length >= blockTokens || waitedUs >= blockUs ? this.rest() : [];
  }

  /** All that was not sent. */
  rest(): Uint8Array[] {
    if (this.#rows.length === 0) return [];
    const block = encodeTokens(this.#answer, this.#rows, this.#pieceOf);
    this.#rows = [];
    return [block];
  }
}
