import { InfernoError } from "../../../protocol/errors.ts";
import type { GrammarRules } from "../../../protocol/model.ts";
import { Candidates } from "./candidates.ts";
import { problemOf, syntaxProblemOf } from "./grammar-problem.ts";
import type { Binding, Pointer } from "./native/llama.generated.ts";
import { Trigger } from "./trigger.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface GrammarParts {
  readonly binding: Binding;
  /** The model's `llama_vocab`. */
  readonly vocab: Pointer;
  readonly vocabulary: Vocabulary;
}

/**
 * What a grammar allows after the tokens so far. llama.cpp ends the process when a grammar is given a token that it does not allow, so each
 * is asked about first. That is also why the wait for a trigger is ours and not a lazy grammar of llama.cpp's: where a trigger ends in
 * the middle of a token, that would hand over unasked what else the token holds.
 */
export class Grammar {
  readonly #binding: Binding;
  readonly #single: Candidates;
  #sampler: Pointer;
  #trigger: Trigger | null;

  private constructor(binding: Binding, sampler: Pointer, trigger: Trigger | null) {
    this.#binding = binding;
    this.#single = new Candidates(binding, 1);
    this.#sampler = sampler;
    this.#trigger = trigger;
  }

  /** Throws InfernoError `grammar_invalid`. */
  static parse({ binding, vocab, vocabulary }: GrammarParts, { gbnf, root, lazy }: GrammarRules): Grammar {
    const trigger = lazy === null ? null : new Trigger(vocabulary, lazy);
    const problem = problemOf(gbnf, root);
    const sampler = problem === undefined ? binding.llama_sampler_init_grammar(vocab, gbnf, root) : null;
    if (sampler === null) {
      const reason = problem ?? syntaxProblemOf(gbnf);
      const hint = "A rule is `name ::= \"text\" [a-z]+ (other | another)?`, and none begins with itself; docs/guides/tools.md has an example.";
      throw new InfernoError("grammar_invalid", `The grammar cannot be used: ${reason}.`, { param: "grammar", hint });
    }
    return new Grammar(binding, sampler, trigger);
  }

  /** One that has seen the same tokens. */
  clone(): Grammar {
    return new Grammar(this.#binding, this.#binding.llama_sampler_clone(this.#sampler), this.#trigger?.clone() ?? null);
  }

  allows(token: number): boolean {
    return this.#trigger !== null || this.#fits(this.#sampler, token);
  }

  /** Leaves the candidates that are allowed. */
  restrict(candidates: Candidates): void {
    if (this.#trigger !== null) return;
    candidates.apply(this.#sampler);
    candidates.dropForbidden();
  }

  /** Takes a token that is allowed. */
  accept(token: number): void {
    if (this.#trigger === null) {
      this.#binding.llama_sampler_accept(this.#sampler, token);
      return;
    }
    const begun = this.#trigger.see(token);
    if (begun !== null && this.#begin(begun)) this.#trigger = null;
    else if (begun !== null) this.#trigger.restart();
  }

  dispose(): void {
    this.#binding.llama_sampler_free(this.#sampler);
  }

  /** Tokens from before the rules held may contradict them: then it was no trigger. */
  #begin(tokens: readonly number[]): boolean {
    const copy = this.#binding.llama_sampler_clone(this.#sampler);
    const fit = tokens.every((token) => {
      const fits = this.#fits(copy, token);
      if (fits) this.#binding.llama_sampler_accept(copy, token);
      return fits;
    });
    this.#binding.llama_sampler_free(fit ? this.#sampler : copy);
    if (fit) this.#sampler = copy;
    return fit;
  }

  #fits(sampler: Pointer, token: number): boolean {
    this.#single.only(token);
    this.#single.apply(sampler);
    this.#single.dropForbidden();
    return this.#single.size > 0;
  }
}
