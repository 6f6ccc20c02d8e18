import { array, decode } from "koffi";
import { assert } from "../../../base/assert.ts";
import type { Clock } from "../../../base/clock.ts";
import { toDisposable, type DisposableStore } from "../../../base/disposable.ts";
import type { ModelInfo, ModelMemory } from "../../../protocol/model.ts";
import type { Embedder, EmbedderLimits, EmbedReport } from "../embedder.ts";
import { decodeError } from "./decode-error.ts";
import { EmbeddingBatch } from "./embedding-batch.ts";
import type { Library } from "./native/library.ts";
import type { Pointer } from "./native/llama.generated.ts";
import type { PairTokens } from "./pair-tokens.ts";
import type { Threads } from "./threads/index.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface EmbedderParts {
  readonly library: Library;
  readonly clock: Clock;
  readonly context: Pointer;
  readonly vocabulary: Vocabulary;
  readonly pairs: PairTokens;
  readonly model: ModelInfo;
  readonly limits: EmbedderLimits;
  readonly memoryUse: ModelMemory;
  /** Length of what the model gives for one input: the vector's, or the number of scores. */
  readonly width: number;
  readonly rank: boolean;
  /** T5's encoder is called in another way than all others. */
  readonly encoderOnly: boolean;
  readonly threads: Threads;
  /** Frees the model, the context and the threads. */
  readonly resources: DisposableStore;
}

/** One pass through the model for several texts at once; the pooling is the context's. */
export class LlamaEmbedder implements Embedder {
  readonly model: ModelInfo;
  readonly limits: EmbedderLimits;
  readonly memoryUse: ModelMemory;
  readonly #parts: EmbedderParts;
  readonly #batch: EmbeddingBatch;
  readonly #row: ReturnType<typeof array>;

  constructor(parts: EmbedderParts) {
    this.#parts = parts;
    this.model = parts.model;
    this.limits = parts.limits;
    this.memoryUse = parts.memoryUse;
    this.#batch = new EmbeddingBatch(parts.limits.tokens, parts.limits.inputs);
    this.#row = array("float", parts.width, "Typed");
    parts.resources.add(toDisposable(() => this.#batch.dispose()));
  }

  tokenize(text: string, options: { addSpecial: boolean; parseSpecial: boolean }): number[] {
    return this.#parts.vocabulary.tokenize(text, options);
  }

  tokenBytes(token: number, special?: boolean): Uint8Array {
    return this.#parts.vocabulary.tokenBytes(token, special);
  }

  pair(query: string, document: string): number[] {
    return this.#parts.pairs.join(query, document);
  }

  embed(inputs: readonly (readonly number[])[]): EmbedReport {
    const { library: { binding, log }, clock, context, encoderOnly, rank, threads } = this.#parts;
    const { tokens: most, inputs: mostInputs } = this.limits;
    const tokens = inputs.reduce((sum, { length }) => sum + length, 0);
    assert(inputs.length <= mostInputs && tokens <= most, `${inputs.length} inputs of ${tokens} tokens are more than one batch`);
    assert(inputs.every(({ length }) => length > 0), "an input without tokens");
    const batch = this.#batch.fill(inputs);
    log.clear();
    const startUs = clock.nowUs();
    const code = threads.around(tokens, () => {
      const result = encoderOnly ? binding.llama_encode(context, batch) : binding.llama_decode(context, batch);
      if (result === 0) binding.llama_synchronize(context);
      return result;
    });
    const endUs = clock.nowUs();
    const vectors = code === 0 ? inputs.map((_, sequence) => this.#vector(sequence)) : [];
    // Nothing of one batch is of use to the next.
    const memory = binding.llama_get_memory(context);
    if (memory !== null) binding.llama_memory_clear(memory, false);
    if (code !== 0) throw decodeError(code, log.summary());
    return { compute: { startUs, endUs }, vectors: rank ? vectors.map((scores) => scores.slice(0, 1)) : vectors.map(normalised) };
  }

  dispose(): void {
    this.#parts.resources.dispose();
  }

  #vector(sequence: number): Float32Array {
    const { library: { binding }, context } = this.#parts;
    const pointer = binding.llama_get_embeddings_seq(context, sequence);
    assert(pointer !== null, `llama.cpp has no vector for input ${sequence}`);
    return decode(pointer, this.#row) as Float32Array;
  }
}

/** Of length 1, so that a product of two is their cosine. A vector of zeros stays one. */
export function normalised(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  return length === 0 ? vector : vector.map((value) => value / length);
}
