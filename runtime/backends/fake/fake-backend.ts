import { assert } from "../../../base/assert.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { GenerationParams, ModelInfo } from "../../../protocol/model.ts";
import type { Backend, BackendCapacity, BatchItem, Interval, SampledToken, StepReport, StepResult } from "../backend.ts";
import type { FakeTime } from "./fake-time.ts";
import { fakeModelInfo, markers } from "./model-info.ts";
import type { FakeOptions } from "./options.ts";
import { scripts } from "./scripts.ts";
import { byteVocabulary, wordVocabulary, type FakeVocabulary } from "./vocabulary.ts";

/** Control tokens lie above every vocabulary's own. */
const firstControl = 1_000_000;
const end = firstControl + markers.indexOf("<|im_end|>");

/**
 * An engine without a model: the same request always gives the same tokens, and time passes only as the options say.
 * It is strict where a real engine would quietly compute nonsense: positions with gaps, closed sequences and batches that are
 * too large are errors, so that the host's tests find them.
 */
export class FakeBackend implements Backend {
  readonly model: ModelInfo;
  readonly capacity: BackendCapacity;
  readonly #options: FakeOptions;
  readonly #time: FakeTime;
  readonly #vocabulary: FakeVocabulary;
  readonly #sequences = new Map<number, FakeSequence>();
  #steps = 0;

  constructor(options: FakeOptions, capacity: BackendCapacity, time: FakeTime) {
    this.#options = options;
    this.capacity = capacity;
    this.#time = time;
    this.#vocabulary = options.vocabulary === "bytes" ? byteVocabulary() : wordVocabulary();
    this.model = fakeModelInfo(options, capacity);
  }

  tokenize(text: string, { parseSpecial }: { addSpecial: boolean; parseSpecial: boolean }): number[] {
    const parts = parseSpecial ? text.split(/(<\|im_start\|>|<\|im_end\|>)/) : [text];
    return parts.flatMap((part) => {
      const marker = parseSpecial ? markers.findIndex((it) => it === part) : -1;
      return marker === -1 ? this.#vocabulary.encode(part) : [firstControl + marker];
    });
  }

  tokenBytes(token: number): Uint8Array {
    return token >= firstControl ? new Uint8Array() : this.#vocabulary.bytes(token);
  }

  open(sequence: number, params: GenerationParams): void {
    assert(!this.#sequences.has(sequence), `sequence ${sequence} is open already`);
    assert(sequence >= 0 && sequence < this.capacity.sequences, `sequence ${sequence} is out of range`);
    this.#sequences.set(sequence, { params, tokens: [], answer: undefined });
  }

  close(sequence: number): void {
    assert(this.#sequences.delete(sequence), `sequence ${sequence} is not open`);
  }

  step(batch: readonly BatchItem[]): StepReport {
    this.#steps += 1;
    const size = batch.reduce((sum, item) => sum + item.tokens.length, 0);
    assert(size > 0 && size <= this.capacity.batch, `a batch of ${size} tokens, where 1 to ${this.capacity.batch} fit`);
    assert(new Set(batch.map((item) => item.sequence)).size === batch.length, "a sequence is twice in one batch");
    const decode = this.#spend(this.#options.stepUs + this.#options.tokenUs * size);
    if (this.#steps === this.#options.crashAtStep) process.abort();
    if (this.#steps === this.#options.failAtStep) throw new InfernoError("decode_failed", `The fake engine failed at step ${this.#steps}, as it was told to.`);
    for (const item of batch) this.#fill(item);
    return { decode, results: batch.filter((item) => item.sample).map((item) => this.#sample(item.sequence)) };
  }

  dispose(): void {
    this.#sequences.clear();
  }

  #sequence(sequence: number): FakeSequence {
    const state = this.#sequences.get(sequence);
    assert(state, `sequence ${sequence} is not open`);
    return state;
  }

  #fill({ sequence, tokens, position }: BatchItem): void {
    const state = this.#sequence(sequence);
    assert(position === state.tokens.length, `sequence ${sequence} holds ${state.tokens.length} tokens, the next goes to ${position}`);
    state.tokens.push(...tokens);
    assert(state.tokens.length <= this.capacity.context, `sequence ${sequence} overflows its context`);
  }

  #sample(sequence: number): StepResult {
    const state = this.#sequence(sequence);
    state.answer ??= this.#answer(state);
    const sample = this.#spend(this.#options.sampleUs);
    const id = state.answer.next().value ?? end;
    return { sequence, sample, token: { id, isEnd: id === end, ...this.#logprobs(id, state.params) } };
  }

  /** The chosen token has probability 1/2, the others, as far as there are any, 1/4, 1/8 and so on. */
  #logprobs(id: number, { topLogprobs }: GenerationParams): Pick<SampledToken, "logprob" | "top"> {
    if (topLogprobs === null) return {};
    const others = Array.from({ length: Math.min(topLogprobs, this.#vocabulary.size) }, (_, rank) => (id + rank) % this.#vocabulary.size);
    const ids = [...new Set([id, ...others])].slice(0, topLogprobs);
    return { logprob: Math.log(0.5), top: ids.map((other, rank) => ({ id: other, logprob: (rank + 1) * Math.log(0.5) })) };
  }

  *#answer({ tokens, params }: FakeSequence): Generator<number, undefined> {
    const seed = params.temperature === 0 ? 0 : params.seed;
    const question = lastQuestion(this.#text(tokens));
    for (const piece of scripts[this.#options.script]({ question, seed, text: this.#options.text })) yield* this.#vocabulary.encode(piece);
  }

  #text(tokens: readonly number[]): string {
    const encoder = new TextEncoder();
    const parts = tokens.map((token) => (token >= firstControl ? encoder.encode(markers[token - firstControl]) : this.tokenBytes(token)));
    return Buffer.concat(parts).toString("utf8");
  }

  #spend(us: number): Interval {
    const startUs = this.#time.nowUs();
    this.#time.spend(us);
    return { startUs, endUs: this.#time.nowUs() };
  }
}

interface FakeSequence {
  readonly params: GenerationParams;
  readonly tokens: number[];
  answer: Generator<number, undefined> | undefined;
}

function lastQuestion(prompt: string): string {
  return [...prompt.matchAll(/<\|im_start\|>user\n(.*?)<\|im_end\|>/gs)].at(-1)?.[1] ?? prompt;
}
