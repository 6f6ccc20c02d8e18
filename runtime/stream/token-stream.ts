import type { TokenRecord } from "../host/messages.ts";
import { StopStrings } from "./stop-strings.ts";

/** Text that may be shown now, and the tokens whose text is thereby shown to its end. */
export interface StreamPiece {
  readonly text: string;
  readonly tokens: readonly TokenRecord[];
  /** A stop string was found: the answer ends with this piece. */
  readonly stopped: boolean;
}

/** Tokens in, text out: characters that span tokens, bytes that are no UTF-8 (U+FFFD), stop strings that span tokens. */
export class TokenStream {
  // A byte order mark that the model wrote is part of its text.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #stops: StopStrings;
  /** Tokens whose text is not wholly shown, with the offsets in the decoded text between which it lies. */
  #held: { readonly token: TokenRecord; readonly start: number; readonly end: number }[] = [];
  #decoded = 0;
  #shown = 0;

  constructor(stops: readonly string[]) {
    this.#stops = new StopStrings(stops);
  }

  push(token: TokenRecord): StreamPiece {
    const start = this.#decoded;
    const text = this.#decoder.decode(token.bytes, { stream: true });
    this.#decoded += text.length;
    // A token that is only the beginning of a character is shown when that character is.
    const end = token.bytes.length === 0 ? start : Math.max(this.#decoded, start + 1);
    this.#held.push({ token, start, end });
    const piece = this.#stops.push(text);
    this.#shown += piece.text.length;
    if (piece.stopped) return { ...piece, tokens: this.#release((held) => held.start < this.#shown) };
    return { ...piece, tokens: this.#release((held) => held.end <= this.#shown) };
  }

  /** The answer ended by itself or by its limit: gives out what is left, half a character as U+FFFD. */
  finish(): StreamPiece {
    const last = this.#stops.push(this.#decoder.decode());
    const text = last.stopped ? last.text : last.text + this.#stops.flush();
    this.#shown += text.length;
    return { text, tokens: this.#release((held) => !last.stopped || held.start < this.#shown), stopped: last.stopped };
  }

  #release(isShown: (held: { readonly start: number; readonly end: number }) => boolean): TokenRecord[] {
    const count = this.#held.findIndex((held) => !isShown(held));
    return this.#held.splice(0, count === -1 ? this.#held.length : count).map((held) => held.token);
  }
}
