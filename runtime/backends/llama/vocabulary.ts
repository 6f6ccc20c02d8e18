import { assert } from "../../../base/assert.ts";
import type { Binding, Pointer } from "./native/llama.generated.ts";

/** The model's tokens: text to tokens and back. */
export class Vocabulary {
  readonly size: number;
  readonly #binding: Binding;
  readonly #vocab: Pointer;
  /** A token's bytes never change and every answer asks for the same few thousand tokens. */
  readonly #bytes = { plain: new Map<number, Uint8Array>(), special: new Map<number, Uint8Array>() };
  #piece = new Uint8Array(256);

  constructor(binding: Binding, model: Pointer) {
    this.#binding = binding;
    this.#vocab = binding.llama_model_get_vocab(model);
    this.size = binding.llama_vocab_n_tokens(this.#vocab);
  }

  get bosText(): string {
    return this.#specialText(this.#binding.llama_vocab_bos(this.#vocab));
  }

  get eosText(): string {
    return this.#specialText(this.#binding.llama_vocab_eos(this.#vocab));
  }

  isEnd(token: number): boolean {
    return this.#binding.llama_vocab_is_eog(this.#vocab, token);
  }

  tokenize(text: string, { addSpecial, parseSpecial }: { addSpecial: boolean; parseSpecial: boolean }): number[] {
    const bytes = Buffer.from(text, "utf8");
    const into = (tokens: Int32Array): number =>
      this.#binding.llama_tokenize(this.#vocab, bytes, bytes.length, tokens, tokens.length, addSpecial, parseSpecial);
    // A token covers at least one byte, BOS and EOS come on top, so the first call nearly always fits.
    let tokens = new Int32Array(bytes.length + 4);
    let count = into(tokens);
    if (count < 0) {
      tokens = new Int32Array(-count);
      count = into(tokens);
    }
    assert(count >= 0, "llama_tokenize asked for more room than it said");
    return Array.from(tokens.subarray(0, count));
  }

  /** The token's bytes; of a control token only with `special`. */
  tokenBytes(token: number, special = false): Uint8Array {
    const kept = special ? this.#bytes.special : this.#bytes.plain;
    const known = kept.get(token);
    if (known) return known;
    // llama.cpp throws a C++ exception for a token outside the vocabulary, which would end the process.
    assert(Number.isInteger(token) && token >= 0 && token < this.size, `token ${token} is not in the vocabulary`);
    let length = this.#readPiece(token, special);
    if (length < 0) {
      this.#piece = new Uint8Array(-length);
      length = this.#readPiece(token, special);
    }
    const bytes = this.#piece.slice(0, length);
    kept.set(token, bytes);
    return bytes;
  }

  #readPiece(token: number, special: boolean): number {
    return this.#binding.llama_token_to_piece(this.#vocab, token, this.#piece, this.#piece.length, 0, special);
  }

  #specialText(token: number): string {
    return token < 0 ? "" : this.#binding.llama_vocab_get_text(this.#vocab, token) ?? "";
  }
}
