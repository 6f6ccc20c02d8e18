import { assert } from "../../../base/assert.ts";
import type { Clock } from "../../../base/clock.ts";
import { toDisposable, type DisposableStore } from "../../../base/disposable.ts";
import type { GenerationParams, ModelInfo } from "../../../protocol/model.ts";
import type { Backend, BackendCapacity, BatchItem, SampledToken, StepReport, StepResult } from "../backend.ts";
import { Batch } from "./batch.ts";
import { decodeError } from "./decode-error.ts";
import { tokenLogprobs } from "./logprobs.ts";
import { logitsReader } from "./model.ts";
import type { Library } from "./native/library.ts";
import type { Pointer } from "./native/llama.generated.ts";
import { createSampler } from "./samplers.ts";
import type { Vocabulary } from "./vocabulary.ts";

interface Sequence {
  readonly sampler: Pointer;
  readonly topLogprobs: number | null;
}

export interface LlamaParts {
  readonly library: Library;
  readonly clock: Clock;
  readonly context: Pointer;
  readonly vocabulary: Vocabulary;
  readonly model: ModelInfo;
  readonly capacity: BackendCapacity;
  /** Frees the model, the context and the threads; this class frees what it creates itself. */
  readonly resources: DisposableStore;
}

/**
 * Runs a model: one `llama_decode` for all sequences of a step, then one sampler chain for each. A sampler draws from its own random
 * numbers, so a seed gives the same tokens whatever else is in the batch, up to the rounding of llama.cpp's matrix products,
 * whose order of summation may depend on the number of rows.
 */
export class LlamaBackend implements Backend {
  readonly model: ModelInfo;
  readonly capacity: BackendCapacity;
  readonly #parts: LlamaParts;
  readonly #memory: Pointer;
  readonly #batch: Batch;
  readonly #readLogits: (row: number) => Float32Array;
  readonly #sequences = new Map<number, Sequence>();

  constructor(parts: LlamaParts) {
    this.#parts = parts;
    this.model = parts.model;
    this.capacity = parts.capacity;
    this.#memory = parts.library.binding.llama_get_memory(parts.context);
    this.#batch = new Batch(parts.capacity.batch, parts.capacity.sequences);
    this.#readLogits = logitsReader(parts.library, parts.context, parts.vocabulary.size);
    parts.resources.add(toDisposable(() => this.#batch.dispose()));
  }

  tokenize(text: string, options: { addSpecial: boolean; parseSpecial: boolean }): number[] {
    return this.#parts.vocabulary.tokenize(text, options);
  }

  tokenBytes(token: number): Uint8Array {
    return this.#parts.vocabulary.tokenBytes(token);
  }

  open(sequence: number, params: GenerationParams): void {
    assert(sequence >= 0 && sequence < this.capacity.sequences, `sequence ${sequence} is out of range`);
    assert(!this.#sequences.has(sequence), `sequence ${sequence} is already open`);
    this.#sequences.set(sequence, {
      sampler: createSampler(this.#parts.library.binding, params),
      topLogprobs: params.topLogprobs,
    });
  }

  close(sequence: number): void {
    const open = this.#sequences.get(sequence);
    if (!open) return;
    this.#sequences.delete(sequence);
    const { binding } = this.#parts.library;
    binding.llama_memory_seq_rm(this.#memory, sequence, -1, -1);
    binding.llama_sampler_free(open.sampler);
  }

  step(batch: readonly BatchItem[]): StepReport {
    const { library: { binding, log }, clock, context } = this.#parts;
    const native = this.#batch.fill(batch);
    log.clear();
    const startUs = clock.nowUs();
    const code = binding.llama_decode(context, native);
    // A GPU computes in the background; without waiting, its time would be charged to the first sampler.
    if (code === 0) binding.llama_synchronize(context);
    const endUs = clock.nowUs();
    if (code !== 0) throw decodeError(code, log.summary());
    return { decode: { startUs, endUs }, results: this.#sample(batch) };
  }

  dispose(): void {
    for (const sequence of [...this.#sequences.keys()]) this.close(sequence);
    this.#parts.resources.dispose();
  }

  #sample(batch: readonly BatchItem[]): StepResult[] {
    const results: StepResult[] = [];
    let row = -1;
    for (const { sequence, tokens, sample } of batch) {
      row += tokens.length;
      if (!sample) continue;
      const startUs = this.#parts.clock.nowUs();
      const token = this.#sampleRow(sequence, row);
      results.push({ sequence, sample: { startUs, endUs: this.#parts.clock.nowUs() }, token });
    }
    return results;
  }

  #sampleRow(sequence: number, row: number): SampledToken {
    const { library, context, vocabulary } = this.#parts;
    const open = this.#sequences.get(sequence);
    assert(open, `sequence ${sequence} is not open`);
    const id = library.binding.llama_sampler_sample(open.sampler, context, row);
    const isEnd = vocabulary.isEnd(id);
    if (open.topLogprobs === null) return { id, isEnd };
    return { id, isEnd, ...tokenLogprobs(this.#readLogits(row), id, open.topLogprobs) };
  }
}
