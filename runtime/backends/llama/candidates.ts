import { address, sizeof } from "koffi";

import { assert } from "../../../base/assert.ts";
import type { SamplerStage, TokenLogprob } from "../backend.ts";
import { tokenLogprobs } from "./logprobs.ts";
import type { Binding, Pointer } from "./native/llama.generated.ts";

/** 32-bit words of a `llama_token_data`: id, logit, probability. */
const words = 3;

/**
 * A `llama_token_data_array` of ours, for what `llama_sampler_sample` does not let one see: the candidates between two samplers or after
 * the last. One serves all sequences in turn.
 */
export class Candidates {
  readonly #binding: Binding;
  readonly #ids: Int32Array;
  readonly #logits: Float32Array;
  /** Where the candidates begin. The memory of a large array buffer does not move. */
  readonly #start: bigint;
  /** The struct's fields: data, size, selected, sorted. */
  readonly #array = new BigInt64Array(4);

  constructor(binding: Binding, vocabulary: number) {
    assert(sizeof(binding.types.llama_token_data) === 4 * words, "llama_token_data is not id, logit and probability");
    assert(sizeof(binding.types.llama_token_data_array) === this.#array.byteLength, "llama_token_data_array is not of four fields");
    const memory = new ArrayBuffer(4 * words * vocabulary);
    this.#binding = binding;
    this.#ids = new Int32Array(memory);
    this.#logits = new Float32Array(memory);
    this.#start = address(memory);
  }

  /** All tokens, in the order of their ids. */
  fill(logits: Float32Array): void {
    const ids = this.#ids;
    const values = this.#logits;
    for (let id = 0, word = 0; id < logits.length; id += 1, word += words) {
      ids[word] = id;
      values[word + 1] = logits[id] ?? -Infinity;
    }
    this.#set(logits.length);
  }

  /** One token, as if it were the only one. */
  only(token: number): void {
    this.#ids[0] = token;
    this.#logits[1] = 0;
    this.#set(1);
  }

  apply(sampler: Pointer): void {
    this.#binding.llama_sampler_apply(sampler, this.#array);
  }

  /** The token that the last sampler chose. */
  get selected(): number {
    return this.#ids[this.#selectedWord()] ?? -1;
  }

  get selectedLogit(): number {
    return this.#logits[this.#selectedWord() + 1] ?? -Infinity;
  }

  get size(): number {
    return Number(this.#array[1]);
  }

  /** Drops what a sampler has forbidden; samplers that take logarithms do not bear it. */
  dropForbidden(): void {
    const ids = this.#ids;
    const values = this.#logits;
    const first = this.#word(0);
    let kept = 0;
    for (let index = 0; index < this.size; index += 1) {
      const from = first + index * words;
      const value = values[from + 1] ?? -Infinity;
      if (value === -Infinity) continue;
      const to = kept * words;
      ids[to] = ids[from] ?? -1;
      values[to + 1] = value;
      kept += 1;
    }
    this.#set(kept);
  }

  /** Keeps the `count` candidates with the greatest logits, best first. */
  keepBest(count: number): void {
    const sampler = this.#binding.llama_sampler_init_top_k(count);
    this.apply(sampler);
    this.#binding.llama_sampler_free(sampler);
  }

  select(index: number): void {
    this.#array[2] = BigInt(index);
  }

  /** Log-softmax of what is left, for the chosen token and the `count` most likely ones. */
  logprobs(count: number): { logprob: number; top: TokenLogprob[] } {
    const first = this.#word(0);
    const logits = Float32Array.from({ length: this.size }, (_, index) => this.#logits[first + index * words + 1] ?? -Infinity);
    const { logprob, top } = tokenLogprobs(logits, Number(this.#array[2]), count);
    return { logprob, top: top.filter((each) => each.logprob > -Infinity).map((each) => ({ ...each, id: this.#ids[first + each.id * words] ?? -1 })) };
  }

  /** What is left, without its order: the `count` best, and the token that was chosen. */
  look(count: number): Pick<SamplerStage, "kept" | "candidates" | "chosen"> {
    const first = this.#word(0);
    const { size } = this;
    const logitAt = (index: number): number => this.#logits[first + index * words + 1] ?? -Infinity;
    let kept = 0;
    let largest = -Infinity;
    for (let index = 0; index < size; index += 1) {
      const logit = logitAt(index);
      if (logit > -Infinity) kept += 1;
      if (logit > largest) largest = logit;
    }
    let sum = 0;
    const best: { readonly index: number; readonly logit: number }[] = [];
    for (let index = 0; index < size; index += 1) {
      const logit = logitAt(index);
      sum += Math.exp(logit - largest);
      // The smallest that is kept so far is last.
      if (logit === -Infinity || (best.length === count && logit <= (best.at(-1)?.logit ?? -Infinity))) continue;
      const place = best.findIndex((other) => other.logit < logit);
      best.splice(place === -1 ? best.length : place, 0, { index, logit });
      if (best.length > count) best.pop();
    }
    const candidates = best.map(({ index, logit }) => ({ id: this.#ids[first + index * words] ?? -1, logit, probability: Math.exp(logit - largest) / sum }));
    return { kept, candidates, chosen: Number(this.#array[2]) < 0 ? null : this.selected };
  }

  #selectedWord(): number {
    const index = Number(this.#array[2]);
    assert(index >= 0 && index < this.size, "the samplers chose no token");
    return this.#word(index);
  }

  #set(size: number): void {
    this.#array.set([this.#start, BigInt(size), -1n, 0n]);
  }

  /** A sampler may have moved the beginning: XTC does not copy what it keeps. */
  #word(index: number): number {
    return Number((this.#array[0] ?? 0n) - this.#start) / 4 + index * words;
  }
}
