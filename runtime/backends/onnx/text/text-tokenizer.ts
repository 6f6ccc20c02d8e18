import { InfernoError } from "../../../../protocol/errors.ts";
import type { LibraryTokenizer, TokenizerFile } from "./tokenizer-file.ts";

/** One input of a text model. */
export interface EncodedText {
  readonly ids: readonly number[];
  /** For each token 0 or 1: of which of two texts it is. Null where the tokenizer does not tell. */
  readonly types: readonly number[] | null;
  readonly tokens: readonly string[];
}

/**
 * More characters for each token no text has that means anything: tokens are mostly 3 to 6 long. To cut a megabyte takes a second, in which
 * nobody else's request goes on.
 */
const longestToken = 256;

/** Texts to tokens, special ones included. Nothing is ever cut off: a text that is too long is an error of its request. */
export class TextTokenizer {
  readonly #file: TokenizerFile;
  readonly #longest: number;

  constructor(file: TokenizerFile, longest: number) {
    this.#file = file;
    this.#longest = longest;
  }

  /** `param` names the text in errors. Throws InfernoError `invalid_request` or `context_length_exceeded`. */
  text(text: string, param: string): EncodedText {
    return this.#encode(text, null, param, "it has");
  }

  /** Two texts as one input, as cross-encoders are trained. */
  pair(first: string, second: string, param: string): EncodedText {
    // The library takes an empty second text for none, and would leave out the separator behind it.
    return this.#encode(first, second === "" ? " " : second, param, "query and document have");
  }

  /** Tokens that were made elsewhere, taken as they are. */
  tokens(ids: readonly number[], param: string): EncodedText {
    const { vocabulary } = this.#file;
    for (const id of ids) {
      if (Number.isInteger(id) && id >= 0 && id < vocabulary) continue;
      throw new InfernoError("invalid_request", `${param}: ${id} is no token: the vocabulary has the tokens 0 to ${vocabulary - 1}.`, { param });
    }
    this.#check(ids.length, param, "it has");
    return { ids, types: null, tokens: [] };
  }

  #encode(text: string, pair: string | null, param: string, subject: string): EncodedText {
    const { ids, tokens, token_type_ids: types } = this.#run(text, pair, param);
    // Without a token for unknown words the library leaves a hole.
    if (!ids.every(Number.isInteger)) throw new InfernoError("invalid_request", `${param}: it has words that the model's vocabulary does not know.`, { param });
    this.#check(ids.length, param, subject);
    return { ids, tokens, types: types ?? null };
  }

  #run(text: string, pair: string | null, param: string): ReturnType<LibraryTokenizer["encode"]> {
    const length = text.length + (pair?.length ?? 0);
    if (length > this.#longest * longestToken) throw tooLong(param, `it has ${length} characters`, this.#longest);
    try {
      return this.#file.tokenizer.encode(text, { text_pair: pair, return_token_type_ids: true });
    } catch (cause) {
      // The library passes a word's tokens as arguments of one call: a word of some hundred thousand is too much for the stack.
      if (cause instanceof RangeError) throw tooLong(param, `it has ${length} characters`, this.#longest);
      throw cause;
    }
  }

  #check(count: number, param: string, subject: string): void {
    if (count === 0) throw new InfernoError("invalid_request", `${param}: the text is empty.`, { param });
    if (count > this.#longest) throw tooLong(param, `${subject} ${count} tokens`, this.#longest);
  }
}

function tooLong(param: string, has: string, longest: number): InfernoError {
  return new InfernoError("context_length_exceeded", `${param}: ${has}, the model takes ${longest} tokens.`, {
    param, hint: "Split the text, or raise `max_tokens` in inferno.model.yaml up to the trained length.",
  });
}
