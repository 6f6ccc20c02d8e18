import { InfernoError } from "../../../protocol/errors.ts";
import type { GrammarRules } from "../../../protocol/model.ts";
import type { Vocabulary } from "./vocabulary.ts";

interface Piece {
  readonly token: number;
  readonly start: number;
  readonly end: number;
}

const noBytes = "";

/**
 * Waits for the text, or the token, with which a grammar begins to hold. Text is kept as one character per byte, and so are the patterns: a token may be
 * half a character, and this is how llama.cpp's own triggers read it.
 */
export class Trigger {
  readonly #vocabulary: Vocabulary;
  readonly #wanted: NonNullable<GrammarRules["lazy"]>;
  readonly #tokens: ReadonlySet<number>;
  readonly #patterns: readonly RegExp[];
  #text = noBytes;
  #pieces: Piece[] = [];

  constructor(vocabulary: Vocabulary, wanted: NonNullable<GrammarRules["lazy"]>) {
    const { tokens, patterns } = wanted;
    this.#wanted = wanted;
    this.#vocabulary = vocabulary;
    this.#tokens = new Set(tokens);
    this.#patterns = patterns.map(compile);
  }

  /** The tokens that the rules begin with, when this one completes a trigger; null while it has not come. */
  see(token: number): readonly number[] | null {
    if (this.#tokens.has(token)) return [token];
    const start = this.#text.length;
    this.#text += bytesOf(this.#vocabulary.tokenBytes(token, true));
    this.#pieces.push({ token, start, end: this.#text.length });
    for (const pattern of this.#patterns) {
      const from = beginning(pattern.exec(this.#text));
      if (from !== undefined) return this.#from(from);
    }
    return null;
  }

  /** One that has seen the same. */
  clone(): Trigger {
    const copy = new Trigger(this.#vocabulary, this.#wanted);
    copy.#text = this.#text;
    copy.#pieces = [...this.#pieces];
    return copy;
  }

  /** Forgets the text so far: it only looked like a trigger. */
  restart(): void {
    this.#text = noBytes;
    this.#pieces = [];
  }

  #from(from: number): number[] {
    return this.#pieces.filter(({ end }) => end > from)
      .flatMap(({ token, start, end }) => start >= from ? [token] : this.#spell(this.#text.slice(from, end)));
  }

  /** The end of a token as tokens of its own. A leading space that the vocabulary puts before every text is taken off again. */
  #spell(bytes: string): number[] {
    const tokens = this.#vocabulary.tokenize(Buffer.from(bytes, "latin1").toString("utf8"), { addSpecial: false, parseSpecial: true });
    const [first] = tokens;
    const added = first !== undefined && !bytes.startsWith(" ") && bytesOf(this.#vocabulary.tokenBytes(first, true)) === " ";
    return added ? tokens.slice(1) : tokens;
  }
}

const bytesOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** The first group that matched something, else the whole match. */
function beginning(match: RegExpExecArray | null): number | undefined {
  if (match === null) return undefined;
  const group = match.indices?.slice(1).find((range) => range !== undefined && range[1] > range[0]);
  return group?.[0] ?? match.index;
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(Buffer.from(pattern, "utf8").toString("latin1"), "d");
  } catch (cause) {
    throw new InfernoError("grammar_invalid", `The grammar's trigger ${JSON.stringify(pattern)} is not a regular expression.`, { cause });
  }
}
