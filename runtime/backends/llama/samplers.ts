import { assert } from "../../../base/assert.ts";
import type { GenerationParams } from "../../../protocol/model.ts";
import { recordedCandidates, type ChosenBy } from "../../../protocol/trace-tokens.ts";
import type { SampledToken, Sampler } from "../backend.ts";
import { Candidates } from "./candidates.ts";
import { Grammar } from "./grammar.ts";
import type { Pointer } from "./native/llama.generated.ts";
import { ChainBuilder, type ChainParts } from "./sampler-chain.ts";
import { choiceOf, isGreedy, type SamplerStep } from "./sampler-plan.ts";
import type { RowLogits } from "./token-facts/row-logits.ts";
import { WatchedChain } from "./watched-chain.ts";

/** Of so many candidates a grammar is asked first, where only the best that it allows is wanted. */
const likely = 256;

export interface SamplerParts extends ChainParts {
  readonly nativeContext: () => Pointer;
  readonly logits: RowLogits;
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
  create(params: GenerationParams, history: readonly number[], records = false): LlamaSampler {
    return this.#make(params, history, records, params.grammar === null ? null : Grammar.parse(this.#parts, params.grammar));
  }

  #make(params: GenerationParams, history: readonly number[], records: boolean, grammar: Grammar | null): LlamaSampler {
    try {
      return this.#sampler(params, records, this.#chains.build(params, history), grammar);
    } catch (error) {
      grammar?.dispose();
      throw error;
    }
  }

  #sampler(params: GenerationParams, records: boolean, chain: Pointer, grammar: Grammar | null): LlamaSampler {
    return new LlamaSampler(this.#parts, {
      params, records, chain, grammar, steps: this.#chains.steps(params), takesTheLargest: this.#chains.takesTheLargest(params), candidates: () => this.#sharedCandidates(),
      copy: (its, changed) => {
        if (changed === undefined) return this.#sampler(params, records, this.#parts.binding.llama_sampler_clone(its.chain), its.grammar?.clone() ?? null);
        return this.#make(changed.params, changed.history, records, its.grammar?.clone() ?? null);
      },
    });
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

/** What a sampler is made of. It owns the chain and the grammar. */
interface Own {
  readonly params: GenerationParams;
  /** Whether every token comes with its facts. */
  readonly records: boolean;
  readonly takesTheLargest: boolean;
  readonly chain: Pointer;
  readonly steps: readonly SamplerStep[];
  readonly grammar: Grammar | null;
  readonly candidates: () => Candidates;
  readonly copy: (its: Pick<Own, "chain" | "grammar">, changed: Parameters<Sampler["clone"]>[0]) => LlamaSampler;
}

/** One answer's chain of samplers, its random numbers and its grammar. Belongs to no sequence. */
export class LlamaSampler implements Sampler {
  readonly #parts: SamplerParts;
  readonly #own: Own;
  readonly #params: GenerationParams;
  readonly #records: boolean;
  readonly #choice: ChosenBy;
  readonly #chain: Pointer;
  readonly #grammar: Grammar | null;
  #watched: WatchedChain | null = null;
  #forced: number | null = null;

  constructor(parts: SamplerParts, own: Own) {
    this.#parts = parts;
    this.#own = own;
    this.#params = own.params;
    this.#records = own.records;
    this.#choice = choiceOf(own.params);
    this.#chain = own.chain;
    this.#grammar = own.grammar;
  }

  clone(changed?: Parameters<Sampler["clone"]>[0]): LlamaSampler {
    const copy = this.#own.copy(this.#own, changed);
    if (this.#watched !== null) copy.watch();
    return copy;
  }

  watch(): void {
    this.#watched ??= new WatchedChain(this.#parts.binding, this.#chain, this.#own.steps);
  }

  has(token: number): boolean {
    return token >= 0 && token < this.#parts.vocabulary.size;
  }

  allows(token: number): boolean {
    return this.#grammar === null || this.#grammar.allows(token);
  }

  force(token: number): void {
    assert(this.#watched !== null, "a choice can be made for a sampler that is watched");
    this.#forced = token;
  }

  /** Chooses the token that follows the batch's `row`, and takes note of it. */
  sample(row: number): SampledToken {
    const { binding, vocabulary, nativeContext, logits } = this.#parts;
    const { topLogprobs, logprobs } = this.#params;
    if (this.#grammar === null && this.#watched === null && (topLogprobs === null || logprobs === "before")) {
      const largest = this.#own.takesTheLargest ? this.#largest(row) : undefined;
      // Filling the candidates and searching them is llama.cpp's alone here: twice as fast as with logits that came through JavaScript.
      const id = largest ?? binding.llama_sampler_sample(this.#chain, nativeContext(), row);
      if (largest === undefined && (topLogprobs !== null || this.#records)) this.#look(row);
      return { id, isEnd: vocabulary.isEnd(id), ...this.#before(id, this.#choice) };
    }
    const { candidates, chosenBy, refused } = this.#choose(logits.read(row));
    const forced = this.#forced;
    this.#forced = null;
    const id = forced ?? candidates?.selected ?? this.#end();
    binding.llama_sampler_accept(this.#chain, id);
    if (candidates !== null) this.#grammar?.accept(id);
    if (topLogprobs !== null || this.#records) logits.look(this.#candidatesWanted);
    const choice = this.#watched === null ? undefined : { stages: this.#watched.stages, grammar: this.#grammar && { refused } };
    const token = { id, isEnd: vocabulary.isEnd(id), ...this.#before(id, forced === null ? chosenBy : "debugger"), ...(choice && { choice }) };
    if (topLogprobs === null || logprobs === "before") return token;
    // Greedy draws from nothing, and where the grammar ends the answer nothing was drawn.
    if (isGreedy(this.#params) || candidates === null) return { ...token, logprob: 0, top: topLogprobs > 0 ? [{ id, logprob: 0 }] : [] };
    return { ...token, ...candidates.logprobs(topLogprobs) };
  }

  /** As llama.cpp's greedy sampler chooses, without the 12 bytes for each token that it fills first. Undefined where no logit is a number. */
  #largest(row: number): number | undefined {
    this.#look(row);
    return this.#parts.logits.seen.top(1)[0]?.id;
  }

  #look(row: number): void {
    this.#parts.logits.read(row);
    this.#parts.logits.look(this.#candidatesWanted);
  }

  get #candidatesWanted(): number {
    const { topLogprobs, logprobs } = this.#params;
    return Math.max(1, logprobs === "before" ? (topLogprobs ?? 0) : 0, this.#records ? recordedCandidates : 0);
  }

  /** What the model's own logits say of a choice, as far as that is wanted. They have been looked at. */
  #before(id: number, chosenBy: ChosenBy): Pick<SampledToken, "logprob" | "top" | "facts"> {
    const asked = this.#params.logprobs === "before" ? this.#params.topLogprobs : null;
    if (asked === null && !this.#records) return {};
    const { seen } = this.#parts.logits;
    const logprob = seen.logprob(id);
    const facts = this.#records ? { logprob, entropy: seen.entropy, top: seen.top(recordedCandidates), chosenBy } : undefined;
    return asked === null ? { facts } : { logprob, top: seen.top(asked), facts };
  }

  dispose(): void {
    this.#grammar?.dispose();
    this.#parts.binding.llama_sampler_free(this.#chain);
  }

  /**
   * Asking a grammar about every token of the vocabulary takes longer than most decode steps, so the chain chooses first, as in llama-server,
   * and only when the grammar refuses its choice it chooses again among the tokens that are allowed. Null when none is.
   */
  #choose(logits: Float32Array): { readonly candidates: Candidates | null; readonly chosenBy: ChosenBy; readonly refused: number | null } {
    const candidates = this.#own.candidates();
    candidates.fill(logits);
    this.#watched?.begin(candidates);
    this.#apply(candidates);
    const first = candidates.selected;
    if (this.#grammar === null || this.#grammar.allows(first)) {
      return { candidates, chosenBy: this.#choice === "draw" && candidates.size === 1 ? "only" : this.#choice, refused: null };
    }
    const again = { candidates, chosenBy: "grammar", refused: first } as const;
    if (isGreedy(this.#params) && this.#bestAllowed(candidates, this.#grammar)) return again;
    candidates.fill(logits);
    this.#watched?.begin(candidates);
    this.#restrict(candidates, this.#grammar);
    const none = { candidates: null, chosenBy: "end", refused: first } as const;
    if (candidates.size === 0) return none;
    this.#apply(candidates);
    // `logit_bias` may forbid all that the grammar allows.
    return candidates.selectedLogit > -Infinity ? again : none;
  }

  #apply(candidates: Candidates): void {
    if (this.#watched === null) candidates.apply(this.#chain);
    else this.#watched.apply(candidates);
  }

  #restrict(candidates: Candidates, grammar: Grammar): void {
    grammar.restrict(candidates);
    this.#watched?.note("grammar", {}, candidates);
  }

  /** A greedy chain leaves all candidates with their final logits: the best of them that is allowed is mostly near the top. */
  #bestAllowed(candidates: Candidates, grammar: Grammar): boolean {
    candidates.keepBest(likely);
    grammar.restrict(candidates);
    if (candidates.size === 0) return false;
    candidates.select(0);
    this.#watched?.note("grammar", {}, candidates);
    return true;
  }

  /** Where the vocabulary has no token that the grammar allows, the answer ends. */
  #end(): number {
    const { binding, vocab } = this.#parts;
    const eos = binding.llama_vocab_eos(vocab);
    return eos >= 0 ? eos : binding.llama_vocab_eot(vocab);
  }
}
