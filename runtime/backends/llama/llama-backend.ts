import { assert } from "../../../base/assert.ts";
import type { Clock } from "../../../base/clock.ts";
import type { DisposableStore } from "../../../base/disposable.ts";
import type { GenerationParams, ModelInfo, ModelMemory } from "../../../protocol/model.ts";
import { assertAlone } from "../assert-alone.ts";
import type { Backend, BackendCapacity, BatchItem, FillTokens, SampledToken, Sampler, StepReport, StepResult } from "../backend.ts";
import type { SchemaGrammar } from "../../output/schema-grammar.ts";
import type { Adapters } from "./adapters.ts";
import { Batch } from "./batch.ts";
import { computeBatch } from "./context-params.ts";
import { decodedNothing, decodeError } from "./decode-error.ts";
import { draftTree, type DraftNode } from "./draft-tree.ts";
import { LlamaMemory } from "./kv-memory.ts";
import type { Library } from "./native/library.ts";
import type { NativeContext } from "./native-context.ts";
import type { LlamaProfiler } from "./ops/profiler.ts";
import { LlamaSampler, type Samplers } from "./samplers.ts";
import type { Threads } from "./threads/index.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface LlamaParts {
  readonly library: Library;
  readonly clock: Clock;
  readonly context: NativeContext;
  readonly vocabulary: Vocabulary;
  readonly model: ModelInfo;
  readonly capacity: BackendCapacity;
  /** Sequence ids behind `capacity.sequences`, for guesses. */
  readonly trials: number;
  readonly memoryUse: ModelMemory | null;
  readonly fill: FillTokens | undefined;
  readonly schemaGrammar: SchemaGrammar | undefined;
  readonly adapters: Adapters;
  readonly samplers: Samplers;
  readonly threads: Threads;
  readonly profiler: LlamaProfiler;
  /** Frees the model, the context, the threads and the rest of the parts. */
  readonly resources: DisposableStore;
}

/** An item in the batch: where its logits are. */
interface Placed {
  readonly item: BatchItem;
  /** Row of the last of its tokens. */
  readonly row: number;
  readonly guesses: Guesses | null;
}

/** The guesses of one item in the batch. */
interface Guesses {
  readonly roots: readonly DraftNode[];
  readonly rows: ReadonlyMap<DraftNode, number>;
  /** By the index of the guess, the sequence in which it is tried out; the item's own for a single guess. */
  readonly sequences: readonly number[];
  readonly longest: number;
}

/**
 * Runs a model: one `llama_decode` for all sequences of a step, then one sampler chain for each. A guess is checked by sampling as if it were
 * not there, and going on only while what was sampled is what was guessed: so the answer has the same distribution, and with the same seed the
 * same tokens. (Leviathan et al. 2022, arXiv 2211.17192, accept more guesses of a model that samples; with one that is greedy it is the same.)
 */
export class LlamaBackend implements Backend {
  readonly model: ModelInfo;
  readonly capacity: BackendCapacity;
  readonly memory: LlamaMemory;
  readonly memoryUse: ModelMemory | null;
  readonly fill: FillTokens | undefined;
  readonly schemaGrammar: SchemaGrammar | undefined;
  readonly profiler: LlamaProfiler;
  readonly #parts: LlamaParts;
  readonly #batch: Batch;

  constructor(parts: LlamaParts) {
    const { capacity, library, context, trials, threads, adapters, profiler } = parts;
    this.#parts = parts;
    this.model = parts.model;
    this.capacity = capacity;
    this.memoryUse = parts.memoryUse;
    this.fill = parts.fill;
    this.schemaGrammar = parts.schemaGrammar;
    this.profiler = profiler;
    this.memory = new LlamaMemory(library.binding, context.pointer, capacity, capacity.sequences + trials);
    context.tell(threads, adapters, this.memory);
    // A token of several sequences lists its own and at most one for every candidate.
    this.#batch = new Batch(capacity.batch, capacity.sequences + trials, capacity.candidates > 1 ? capacity.batch * (capacity.candidates + 1) : 0);
  }

  tokenize(text: string, options: { addSpecial: boolean; parseSpecial: boolean }): number[] {
    return this.#parts.vocabulary.tokenize(text, options);
  }

  tokenBytes(token: number, special = false): Uint8Array {
    return this.#parts.vocabulary.tokenBytes(token, special);
  }

  createSampler(params: GenerationParams, history: readonly number[], records = false): Sampler {
    return this.#parts.samplers.create(params, history, records);
  }

  step(batch: readonly BatchItem[], profiled = false): StepReport {
    const { library: { log }, clock, adapters, profiler, threads } = this.#parts;
    if (this.capacity.deterministic) assertAlone(batch, this.capacity);
    adapters.use(batch[0]?.adapters ?? []);
    const placed = this.#place(batch);
    log.clear();
    const startUs = clock.nowUs();
    const code = profiled ? profiler.record(() => this.#decode(true), this.#isOneGraph(batch)) : this.#decode(false);
    const endUs = clock.nowUs();
    if (code !== 0) {
      this.#undo(placed, code);
      throw decodeError(code, log.summary());
    }
    return {
      decode: { startUs, endUs }, computing: { threads: threads.count, othersBusy: threads.others }, ...(profiled && { profile: profiler.profile() }),
      results: placed.flatMap((it) => (it.item.sampler === null ? [] : [this.#sample(it, it.item.sampler)])),
    };
  }

  /** Sequences with cells of their own are computed in several graphs where their numbers of tokens differ. */
  #isOneGraph(batch: readonly BatchItem[]): boolean {
    return this.#batch.native.n_tokens <= computeBatch && (batch.length === 1 || this.capacity.layout === "unified");
  }

  #decode(aside: boolean): number {
    const { library: { binding }, context: { pointer }, threads } = this.#parts;
    const native = this.#batch.native;
    const decode = (): number => {
      const result = binding.llama_decode(pointer, native);
      // A GPU computes in the background; without waiting, its time would be charged to the first sampler.
      if (result === 0) binding.llama_synchronize(pointer);
      return result;
    };
    // How long a profiled step takes says nothing about thread counts.
    return aside ? threads.aside(native.n_tokens, decode) : threads.around(native.n_tokens, decode);
  }

  loadAdapter(path: string): void {
    this.#parts.adapters.add(path);
  }

  freeAdapter(adapter: number): void {
    this.#parts.adapters.free(adapter);
  }

  dispose(): void {
    this.#parts.resources.dispose();
  }

  #place(batch: readonly BatchItem[]): Placed[] {
    this.#batch.clear();
    let trial = this.capacity.sequences;
    const place = (item: BatchItem): Placed => {
      const { tokens, position, sequence, sampler, drafts = [] } = item;
      assert(tokens.length > 0, `sequence ${sequence} has an item without tokens`);
      assert(sequence >= 0 && sequence < this.capacity.sequences, `sequence ${sequence} is out of range`);
      const tried = drafts.filter((draft) => draft.length > 0);
      if (tried.length <= 1) {
        const row = this.#addTokens(item, [sequence]);
        return { item, row, guesses: tried[0] === undefined ? null : this.#addGuesses(tried, position + tokens.length, [sequence]) };
      }
      assert(sampler !== null && trial + tried.length <= this.capacity.sequences + this.#parts.trials, "no sequence ids are left to try guesses out");
      const trials = tried.map(() => trial++);
      for (const each of trials) this.memory.copy(sequence, each, position);
      const row = this.#addTokens(item, [sequence, ...trials]);
      return { item, row, guesses: this.#addGuesses(tried, position + tokens.length, trials) };
    };
    // llama.cpp computes sequences with cells of their own together only if their ids follow one another; in another order a step of eight
    // took a third longer.
    const placed = new Map(batch.toSorted((a, b) => a.sequence - b.sequence).map((item) => [item.sequence, place(item)]));
    return batch.flatMap(({ sequence }) => placed.get(sequence) ?? []);
  }

  #addTokens({ tokens, position, sampler }: BatchItem, sequences: readonly number[]): number {
    let row = -1;
    for (let index = 0; index < tokens.length; index += 1) {
      row = this.#add(tokens[index] ?? -1, position + index, sequences, sampler !== null && index === tokens.length - 1);
    }
    return row;
  }

  #add(token: number, position: number, sequences: readonly number[], output: boolean): number {
    const [sequence] = sequences;
    assert(sequence !== undefined, "a token belongs to a sequence");
    return sequences.length === 1 ? this.#batch.add(token, position, sequence, output) : this.#batch.addShared(token, position, sequences, output);
  }

  #addGuesses(drafts: readonly (readonly number[])[], position: number, sequences: readonly number[]): Guesses {
    const { roots, nodes } = draftTree(drafts);
    const rows = new Map<DraftNode, number>();
    for (const node of nodes) {
      const own = node.drafts.flatMap((draft) => sequences[draft] ?? []);
      rows.set(node, this.#add(node.token, position + node.depth, own, true));
    }
    return { roots, rows, sequences, longest: Math.max(...drafts.map((draft) => draft.length)) };
  }

  #sample({ item: { sequence, position, tokens: { length } }, row, guesses }: Placed, sampler: Sampler): StepResult {
    assert(sampler instanceof LlamaSampler, "a sampler of another engine");
    const { clock } = this.#parts;
    const startUs = clock.nowUs();
    const tokens: SampledToken[] = [];
    let next: readonly DraftNode[] = guesses?.roots ?? [];
    let last: DraftNode | undefined;
    for (let at = row; ;) {
      const token = sampler.sample(at);
      const guessed = next.find((node) => node.token === token.id);
      tokens.push(next.length === 0 ? token : { ...token, guess: guessed === undefined ? "corrected" : "right" });
      const right = token.isEnd ? undefined : guessed;
      if (right === undefined) break;
      last = right;
      next = right.children;
      at = guesses?.rows.get(right) ?? -1;
    }
    if (guesses !== null) this.#keep(guesses, last, sequence, position + length);
    return { sequence, sample: { startUs, endUs: clock.nowUs() }, tokens, drafted: guesses?.longest ?? 0 };
  }

  /** Keeps the cells of the guesses that were right, up to `last`, and frees the others. */
  #keep(guesses: Guesses, last: DraftNode | undefined, sequence: number, start: number): void {
    const end = start + (last === undefined ? 0 : last.depth + 1);
    if (guesses.sequences[0] === sequence) {
      if (end < start + guesses.longest) this.memory.truncate(sequence, end);
      return;
    }
    const right = last === undefined ? undefined : guesses.sequences[last.drafts[0] ?? -1];
    if (right !== undefined) this.memory.adopt(right, sequence, start, end);
    this.#dropTrials(guesses);
  }

  /** A step that failed part way has decoded some of its tokens: every sequence goes back to what it held before. */
  #undo(placed: readonly Placed[], code: number): void {
    for (const { item, guesses } of placed) {
      this.#dropTrials(guesses);
      if (!decodedNothing(code) && this.capacity.truncates) this.memory.truncate(item.sequence, item.position);
    }
  }

  #dropTrials(guesses: Guesses | null): void {
    for (const trial of guesses?.sequences ?? []) if (trial >= this.capacity.sequences) this.memory.truncate(trial, 0);
  }
}
