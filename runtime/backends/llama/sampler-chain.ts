import { address, decode, sizeof } from "koffi";

import { assert } from "../../../base/assert.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { GenerationParams, LogitBias } from "../../../protocol/model.ts";
import type { Binding, Pointer } from "./native/llama.generated.ts";
import { isGreedy, planSamplers, type DryStep, type SamplerStep } from "./sampler-plan.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface ChainParts {
  readonly binding: Binding;
  /** The model's `llama_vocab`. */
  readonly vocab: Pointer;
  readonly vocabulary: Vocabulary;
  /** Tokens of one sequence: what "the whole context" means to the penalties. */
  readonly context: number;
}

/** DRY samplers to copy: to make one anew, llama.cpp takes every token of the vocabulary apart once for each breaker. */
const keptDry = 8;

/** Builds chains of native samplers. A chain owns its samplers, so `llama_sampler_free` of it frees all. */
export class ChainBuilder {
  readonly #parts: ChainParts;
  /** Tokens that the model's file says must never be generated. */
  readonly #suppressed: readonly number[];
  readonly #dry = new Map<string, Pointer>();
  #ends: readonly number[] | undefined;

  constructor(parts: ChainParts) {
    this.#parts = parts;
    this.#suppressed = suppressedTokens(parts);
    assert(sizeof(parts.binding.types.llama_logit_bias) === 8, "llama_logit_bias is not an id and a bias");
  }

  /** Penalties and DRY have seen `history`, as far back as they look. */
  build(params: GenerationParams, history: readonly number[]): Pointer {
    const { binding } = this.#parts;
    const chain = binding.llama_sampler_chain_init({ no_perf: true });
    try {
      const add = (sampler: Pointer): void => binding.llama_sampler_chain_add(chain, sampler);
      for (const step of this.steps(params)) {
        const sampler = this.#sampler(step);
        add(sampler);
        if (step.kind === "penalties" || step.kind === "dry") {
          for (const token of history.slice(-this.#lastN(step.lastN))) binding.llama_sampler_accept(sampler, token);
        }
      }
      return chain;
    } catch (error) {
      binding.llama_sampler_free(chain);
      throw error;
    }
  }

  /** The samplers of a chain, in their order. */
  steps(params: GenerationParams): SamplerStep[] {
    const never = params.ignoreEnd ? [...this.#suppressed, ...this.#endTokens()] : this.#suppressed;
    const forbidden: SamplerStep[] = never.length > 0 ? [{ kind: "logitBias", biases: never.map((token) => ({ token, bias: false })) }] : [];
    return [...forbidden, ...planSamplers(params)];
  }

  /** Nothing stands between the model's logits and the choice of the largest. */
  takesTheLargest(params: GenerationParams): boolean {
    return isGreedy(params) && planSamplers(params).length === 1 && !params.ignoreEnd && this.#suppressed.length === 0;
  }

  dispose(): void {
    for (const sampler of this.#dry.values()) this.#parts.binding.llama_sampler_free(sampler);
    this.#dry.clear();
  }

  #sampler(step: SamplerStep): Pointer {
    const { binding, vocabulary } = this.#parts;
    const keepAtLeast = 1;
    switch (step.kind) {
      case "logitBias": return this.#logitBias(step.biases);
      case "penalties":
        return binding.llama_sampler_init_penalties(vocabulary.size, this.#lastN(step.lastN), step.repeat, step.frequency, step.presence);
      case "dry": return this.#copyOfDry(step);
      case "topNSigma": return binding.llama_sampler_init_top_n_sigma(step.n);
      case "topK": return binding.llama_sampler_init_top_k(step.k);
      case "typical": return binding.llama_sampler_init_typical(step.p, keepAtLeast);
      case "topP": return binding.llama_sampler_init_top_p(step.p, keepAtLeast);
      case "minP": return binding.llama_sampler_init_min_p(step.p, keepAtLeast);
      case "xtc": return binding.llama_sampler_init_xtc(step.probability, step.threshold, keepAtLeast, step.seed);
      case "temperature": return binding.llama_sampler_init_temp(step.temperature);
      case "dynamicTemperature": return binding.llama_sampler_init_temp_ext(step.temperature, step.range, step.exponent);
      case "greedy": return binding.llama_sampler_init_greedy();
      case "draw": return binding.llama_sampler_init_dist(step.seed);
      case "mirostat":
        // 100 candidates for the estimate, as in the paper.
        return step.version === 1
          ? binding.llama_sampler_init_mirostat(vocabulary.size, step.seed, step.tau, step.eta, 100)
          : binding.llama_sampler_init_mirostat_v2(step.seed, step.tau, step.eta);
      case "adaptiveP": return binding.llama_sampler_init_adaptive_p(step.target, step.decay, step.seed);
    }
  }

  #lastN(lastN: number): number {
    return lastN < 0 ? this.#parts.context : Math.min(lastN, this.#parts.context);
  }

  #logitBias(biases: readonly LogitBias[]): Pointer {
    const { binding, vocabulary } = this.#parts;
    const pairs = biases.flatMap(({ token, bias }) => this.#tokensOf(token).map((id) => ({ id, bias: bias === false ? -Infinity : bias })));
    if (new Set(pairs.filter(({ bias }) => bias === -Infinity).map(({ id }) => id)).size >= vocabulary.size) {
      throw new InfernoError("invalid_request", "logit_bias: every token of the model is forbidden.", { param: "logit_bias" });
    }
    const memory = new ArrayBuffer(pairs.length * 8);
    const ids = new Int32Array(memory);
    const values = new Float32Array(memory);
    for (const [index, { id, bias }] of pairs.entries()) {
      ids[2 * index] = id;
      values[2 * index + 1] = bias;
    }
    return binding.llama_sampler_init_logit_bias(vocabulary.size, pairs.length, ids);
  }

  #tokensOf(token: number | string): number[] {
    const { vocabulary } = this.#parts;
    if (typeof token === "string") return vocabulary.tokenize(token, { addSpecial: false, parseSpecial: true });
    if (token < vocabulary.size) return [token];
    throw new InfernoError("invalid_request", `logit_bias: there is no token ${token}; the model has ${vocabulary.size}, from 0.`, { param: "logit_bias" });
  }

  #endTokens(): readonly number[] {
    const { vocabulary } = this.#parts;
    this.#ends ??= Array.from({ length: vocabulary.size }, (_, token) => token).filter((token) => vocabulary.isEnd(token));
    return this.#ends;
  }

  #copyOfDry(step: DryStep): Pointer {
    const { binding } = this.#parts;
    const key = JSON.stringify(step);
    const original = this.#dry.get(key) ?? this.#createDry(step);
    this.#dry.delete(key);
    this.#dry.set(key, original);
    for (const [oldest, sampler] of this.#dry) {
      if (this.#dry.size <= keptDry) break;
      this.#dry.delete(oldest);
      binding.llama_sampler_free(sampler);
    }
    return binding.llama_sampler_clone(original);
  }

  #createDry({ multiplier, base, allowedLength, lastN, breakers }: DryStep): Pointer {
    const { binding, vocab } = this.#parts;
    const texts = breakers.map((breaker) => Buffer.from(`${breaker}\0`, "utf8"));
    const pointers = BigUint64Array.from(texts, (text) => address(text));
    return binding.llama_sampler_init_dry(vocab, multiplier, base, allowedLength, this.#lastN(lastN), pointers, texts.length);
  }
}

function suppressedTokens({ binding, vocab }: ChainParts): readonly number[] {
  const into = new Int32Array(1);
  const tokens = binding.llama_vocab_get_suppress_tokens(vocab, into);
  const [count = 0] = into;
  return tokens === null || count === 0 ? [] : Array.from(decode(tokens, "int32_t", count) as Int32Array);
}
