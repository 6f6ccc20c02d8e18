import { InfernoError } from "../../../../protocol/errors.ts";

/** Splits texts into what a speech model has ids for: characters or phonemes, of which some are written with several letters. */
export class TextUnits {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #longest: number;
  readonly #blank: number | null;

  constructor(ids: ReadonlyMap<string, number>, blank: number | null) {
    this.#ids = ids;
    this.#longest = Math.max(0, ...[...ids.keys()].map((unit) => unit.length));
    this.#blank = blank;
  }

  /** Throws `invalid_request` at a character that the model does not know: left out, it would be missed in silence. */
  idsOf(text: string): number[] {
    const ids: number[] = [];
    for (let at = 0; at < text.length;) {
      const unit = this.#unitAt(text, at);
      if (unit === null) throw unknownUnit(text, at);
      ids.push(this.#ids.get(unit)!);
      at += unit.length;
    }
    return this.#blank === null ? ids : withBlanks(ids, this.#blank);
  }

  /** The longest unit that begins here; models that know no capitals read small letters, and any space as a space. */
  #unitAt(text: string, at: number): string | null {
    for (let length = Math.min(this.#longest, text.length - at); length > 0; length -= 1) {
      const unit = text.slice(at, at + length);
      const known = [unit, unit.toLowerCase(), unit.replace(/\s/g, " ")].find((form) => form.length === length && this.#ids.has(form));
      if (known !== undefined) return known;
    }
    return null;
  }
}

/** Before, between and behind, as models with blanks were trained. */
const withBlanks = (ids: readonly number[], blank: number): number[] => [blank, ...ids.flatMap((id) => [id, blank])];

function unknownUnit(text: string, at: number): InfernoError {
  const letter = String.fromCodePoint(text.codePointAt(at)!);
  return new InfernoError("invalid_request", `input: the model has no sound for ${JSON.stringify(letter)} (character ${at + 1}).`, {
    param: "input", hint: "Write numbers and signs as words, or give phonemes where the model takes those.",
  });
}

/** Sentences, which are spoken one after the other: a graph's memory grows with what it says in one run. */
export function sentences(text: string): string[] {
  return text.split(/(?<=[.!?…;:。！？])\s+|\n+/).map((sentence) => sentence.trim()).filter((sentence) => sentence !== "");
}
