import type { GenerationParams } from "../../../protocol/model.ts";
import type { SampledToken, Sampler } from "../backend.ts";
import { Candidates } from "./candidates.ts";
import { Grammar } from "./grammar.ts";
import { tokenLogprobs } from "./logprobs.ts";
import type { Pointer } from "./native/llama.generated.ts";
import { ChainBuilder, type ChainParts } from "./sampler-chain.ts";
import { isGreedy } from "./sampler-plan.ts";

/** Of so many candidates a grammar is asked first, where only the best that it allows is wanted. */
const likely = 256;

export interface SamplerParts extends ChainParts {
  readonly nativeContext: () => Pointer;
  /** A copy of the logits of one row of the last batch. */
  readonly readLogits: (row: number) => Float32Array;
}

/** Makes one loaded model's samplers. */
export class Samplers {
  readonly #parts: SamplerParts;
  readonly #chains: ChainBuilder;
  #candidates: Candidates | undefined;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
    this.#chains = new ChainBuilder(parts);
  }

  /** Throws InfernoError `grammar_invalid`, or `invalid_request` for a bias on a token that does not exist. */
  create(params: GenerationParams, history: readonly number[]): LlamaSampler {
    const grammar = params.grammar === null ? null : new Grammar(this.#parts, params.grammar);
    try {
      return new LlamaSampler(this.#parts, params, this.#chains.build(params, history), grammar, () => this.#sharedCandidates());
    } catch (error) {
      grammar?.dispose();
      throw error;
    }
  }

  dispose(): void {
    this.#chains.dispose();
  }

  /** 12 bytes a token of the vocabulary: made when the first answer needs it. */
  #sharedCandidates(): Candidates {
    this.#candidates ??= new Candidates(this.#parts.binding, this.#parts.vocabulary.size);
    return this.#candidates;
  }
}

/** One answer's chain of samplers, its random numbers and its grammar. Belongs to no sequence. */
export class LlamaSampler implements Sampler {
  readonly #parts: SamplerParts;
  readonly #params: GenerationParams;
  readonly #chain: Pointer;
  readonly #grammar: Grammar | null;
  readonly #candidates: () => Candidates;

  constructor(parts: SamplerParts, params: GenerationParams, chain: Pointer, grammar: Grammar | null, candidates: () => Candidates) {
    this.#parts = parts;
    this.#params = params;
    this.#chain = chain;
    this.#grammar = grammar;
    this.#candidates = candidates;
  }

  /** Chooses the token that follows the batch's `row`, and takes note of it. */
  sample(row: number): SampledToken {
    const { binding, vocabulary, nativeContext, readLogits } = this.#parts;
    const { topLogprobs, logprobs } = this.#params;
    if (this.#grammar === null && (topLogprobs === null || logprobs === "before")) {
      // Filling the candidates and searching them is llama.cpp's alone here: twice as fast as with logits that came through JavaScript.
      const id = binding.llama_sampler_sample(this.#chain, nativeContext(), row);
      const isEnd = vocabulary.isEnd(id);
      return topLogprobs === null ? { id, isEnd } : { id, isEnd, ...tokenLogprobs(readLogits(row), id, topLogprobs) };
    }
    const logits = readLogits(row);
    const candidates = this.#choose(logits);
    const id = candidates?.selected ?? this.#end();
    binding.llama_sampler_accept(this.#chain, id);
    if (candidates !== null) this.#grammar?.accept(id);
    const isEnd = vocabulary.isEnd(id);
    if (topLogprobs === null) return { id, isEnd };
    if (logprobs === "before") return { id, isEnd, ...tokenLogprobs(logits, id, topLogprobs) };
    // Greedy draws from nothing, and where the grammar ends the answer nothing was drawn.
    if (isGreedy(this.#params) || candidates === null) return { id, isEnd, logprob: 0, top: topLogprobs > 0 ? [{ id, logprob: 0 }] : [] };
    return { id, isEnd, ...candidates.logprobs(topLogprobs) };
  }

  dispose(): void {
    this.#grammar?.dispose();
    this.#parts.binding.llama_sampler_free(this.#chain);
  }

  /**
   * Asking a grammar about every token of the vocabulary takes longer than most decode steps, so the chain chooses first, as in llama-server,
   * and only when the grammar refuses its choice it chooses again among the tokens that are allowed. Null when none is.
   */
  #choose(logits: Float32Array): Candidates | null {
    const candidates = this.#candidates();
    candidates.fill(logits);
    candidates.apply(this.#chain);
    if (this.#grammar === null || this.#grammar.allows(candidates.selected)) return candidates;
    if (isGreedy(this.#params) && this.#bestAllowed(candidates, this.#grammar)) return candidates;
    candidates.fill(logits);
    this.#grammar.restrict(candidates);
    if (candidates.size === 0) return null;
    candidates.apply(this.#chain);
    // `logit_bias` may forbid all that the grammar allows.
    return candidates.selectedLogit > -Infinity ? candidates : null;
  }

  /** A greedy chain leaves all candidates with their final logits: the best of them that is allowed is mostly near the top. */
  #bestAllowed(candidates: Candidates, grammar: Grammar): boolean {
    candidates.keepBest(likely);
    grammar.restrict(candidates);
    if (candidates.size === 0) return false;
    candidates.select(0);
    return true;
  }

  /** Where the vocabulary has no token that the grammar allows, the answer ends. */
  #end(): number {
    const { binding, vocab } = this.#parts;
    const eos = binding.llama_vocab_eos(vocab);
    return eos >= 0 ? eos : binding.llama_vocab_eot(vocab);
  }
}
