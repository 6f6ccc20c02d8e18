import type { Binding, Pointer } from "./native/llama.generated.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Joins a query and a document to one input, in the form that rerankers are trained on. */
export class PairTokens {
  readonly #vocabulary: Vocabulary;
  /** Text of the file's own form, with `{query}` and `{document}` in it; null for the usual one. */
  readonly #template: string | null;
  readonly #begin: readonly number[];
  readonly #between: readonly number[];
  readonly #end: readonly number[];

  constructor(binding: Binding, model: Pointer, vocabulary: Vocabulary) {
    const vocab = binding.llama_model_get_vocab(model);
    this.#vocabulary = vocabulary;
    this.#template = binding.llama_model_chat_template(model, "rerank");
    // What the vocabulary itself puts around a text; its flags say something else for BERT's.
    const around = vocabulary.tokenize("", { addSpecial: true, parseSpecial: false });
    const begins = around[0] === binding.llama_vocab_bos(vocab) ? 1 : 0;
    this.#begin = around.slice(0, begins);
    this.#end = around.slice(begins);
    const sep = binding.llama_vocab_sep(vocab);
    // Without an end token of its own a vocabulary ends texts with the separator: one is enough between two.
    const doubled = sep >= 0 && binding.llama_vocab_eos(vocab) >= 0 && binding.llama_vocab_get_add_sep(vocab);
    this.#between = doubled ? [...this.#end, sep] : this.#end;
  }

  join(query: string, document: string): number[] {
    if (this.#template !== null) return this.#vocabulary.tokenize(filled(this.#template, query, document), { addSpecial: false, parseSpecial: true });
    return [...this.#begin, ...this.#plain(query), ...this.#between, ...this.#plain(document), ...this.#end];
  }

  #plain(text: string): number[] {
    return this.#vocabulary.tokenize(text, { addSpecial: false, parseSpecial: false });
  }
}

/** In one pass and by a function: a query may contain "{document}", and a document "$&". */
const filled = (template: string, query: string, document: string): string =>
  template.replace(/\{query\}|\{document\}/g, (place) => (place === "{query}" ? query : document));
