import { assert } from "../../../base/assert.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { GenerationParams, ModelInfo } from "../../../protocol/model.ts";
import { recordedCandidates } from "../../../protocol/trace-tokens.ts";
import { assertAlone } from "../assert-alone.ts";
import type { Backend, BackendCapacity, BatchItem, Choice, Interval, SampledToken, Sampler, StepProfile, StepReport, StepResult, TokenFacts } from "../backend.ts";
import { FakeKv, noRoom } from "./fake-kv.ts";
import { FakeSampler, type FakeContext } from "./fake-sampler.ts";
import type { FakeTime } from "./fake-time.ts";
import { fakeModelInfo, markers } from "./model-info.ts";
import { mixedWord, scripts } from "./scripts.ts";
import { FakeProfiler } from "./fake-profiler.ts";
import type { FakeOptions } from "./options.ts";
import { byteVocabulary, wordVocabulary, type FakeVocabulary } from "./vocabulary.ts";

/** Control tokens lie above every vocabulary's own. */
const firstControl = 1_000_000;
const end = firstControl + markers.indexOf("<|im_end|>");

/**
 * An engine without a model: the next token is a function of the tokens that the KV cache really holds, and time passes only as the
 * options say. It is strict where a real engine would quietly compute nonsense, so that the host's tests find it.
 */
export class FakeBackend implements Backend {
  readonly model: ModelInfo;
  readonly capacity: BackendCapacity;
  readonly memory: FakeKv;
  readonly memoryUse = null;
  readonly #options: FakeOptions;
  readonly #time: FakeTime;
  readonly #vocabulary: FakeVocabulary;
  /** Tokens of each step so far, guesses included. */
  readonly steps: number[] = [];
  /** Steps whose operations were recorded, by their number from 1. */
  readonly profiled: number[] = [];
  readonly profiler = new FakeProfiler();
  /** Samplers that nobody disposed of yet. */
  samplers = 0;

  constructor(options: FakeOptions, capacity: BackendCapacity, time: FakeTime) {
    this.#options = options;
    this.capacity = capacity;
    this.#time = time;
    this.#vocabulary = options.vocabulary === "bytes" ? byteVocabulary() : wordVocabulary();
    this.memory = new FakeKv(capacity, options.shifts);
    this.model = fakeModelInfo(options, capacity);
  }

  tokenize(text: string, { parseSpecial }: { addSpecial: boolean; parseSpecial: boolean }): number[] {
    const parts = parseSpecial ? text.split(/(<\|im_start\|>|<\|im_end\|>)/) : [text];
    return parts.flatMap((part) => {
      const marker = parseSpecial ? markers.findIndex((it) => it === part) : -1;
      return marker === -1 ? this.#vocabulary.encode(part) : [firstControl + marker];
    });
  }

  tokenBytes(token: number, special = false): Uint8Array {
    if (token < firstControl) return this.#vocabulary.bytes(token);
    return new TextEncoder().encode(special ? markers[token - firstControl] : "");
  }

  createSampler(params: GenerationParams, history: readonly number[], records = false): Sampler {
    this.samplers += 1;
    return new FakeSampler({ params, records }, history.length, { cloned: () => void (this.samplers += 1), disposed: () => void (this.samplers -= 1) });
  }

  step(batch: readonly BatchItem[], profiled = false): StepReport {
    const size = sum(batch.map(tokensOf));
    this.steps.push(size);
    this.#check(batch, size);
    const decode = this.#spend(this.#options.stepUs + this.#options.tokenUs * size);
    if (this.steps.length === this.#options.crashAtStep) process.abort();
    if (this.steps.length === this.#options.failAtStep) throw new InfernoError("decode_failed", `The fake engine failed at step ${this.steps.length}, as it was told to.`);
    // Like llama_decode, a step that does not fit leaves everything as it was.
    if (this.capacity.layout === "unified" && size > this.memory.free(0)) throw noRoom(size, this.memory.free(0));
    for (const item of batch) if (tokensOf(item) > this.memory.free(item.sequence)) throw noRoom(tokensOf(item), this.memory.free(item.sequence));
    for (const item of batch) this.memory.append(item.sequence, item.tokens, adaptersOf(item));
    return { decode, ...(profiled && { profile: this.#profile(decode) }), results: batch.flatMap((item) => (item.sampler ? [this.#sample(item, item.sampler)] : [])) };
  }

  dispose(): void {
    for (let sequence = 0; sequence < this.capacity.sequences; sequence += 1) this.memory.truncate(sequence, 0);
  }

  #profile(decode: Interval): StepProfile {
    assert(this.profiler.isReady, "a step is recorded before recording begins");
    this.profiled.push(this.steps.length);
    return { operations: [{ name: "echo", operator: "ECHO", provider: "CPU", type: "f32", bytes: 4, ...decode }], threads: 1, emptyUs: 0, betweenUs: 0 };
  }

  #check(batch: readonly BatchItem[], size: number): void {
    const { capacity } = this;
    if (capacity.deterministic) assertAlone(batch, capacity);
    assert(size > 0 && size <= capacity.batch, `a batch of ${size} tokens, where 1 to ${capacity.batch} fit`);
    assert(batch.length <= capacity.parallel, `${batch.length} answers in a step, where ${capacity.parallel} fit`);
    assert(new Set(batch.map((item) => item.sequence)).size === batch.length, "a sequence is twice in one batch");
    assert(new Set(batch.map(adaptersOf)).size === 1, "a step with two sets of adapters");
    for (const { sequence, tokens, position, sampler, drafts = [] } of batch) {
      const held = this.memory.length(sequence);
      assert(tokens.length > 0, `sequence ${sequence} has no tokens in the batch`);
      assert(position === held, `sequence ${sequence} holds ${held} tokens, the next goes to ${position}`);
      const longest = Math.max(0, ...drafts.map((draft) => draft.length));
      assert(held + tokens.length + longest <= capacity.context, `sequence ${sequence} overflows its context`);
      if (sampler) this.#own(sampler).assertUsable();
      if (drafts.length === 0) continue;
      assert(sampler !== null && capacity.truncates, `sequence ${sequence} cannot check guesses`);
      assert(drafts.length <= capacity.candidates, `${drafts.length} candidates, where ${capacity.candidates} can be checked`);
      assert(drafts.every((draft) => draft.length > 0), `sequence ${sequence} has an empty guess`);
      assert(new Set(drafts.map((draft) => draft.join())).size === drafts.length, `sequence ${sequence} has the same guess twice`);
    }
  }

  /** Samples row after row, as long as a guess says what comes next. */
  #sample(item: BatchItem, sampler: Sampler): StepResult {
    const { sequence, drafts = [] } = item;
    const sampled: SampledToken[] = [];
    let candidates = drafts;
    for (;;) {
      const tokens = this.memory.tokens(sequence);
      const token = this.#next({ tokens, discarded: this.memory.discarded(sequence) }, this.#own(sampler));
      const guessed = candidates.some((draft) => draft.length > sampled.length);
      candidates = candidates.filter((draft) => draft[sampled.length] === token.id);
      sampled.push(guessed ? { ...token, guess: candidates.length > 0 ? "right" : "corrected" } : token);
      if (token.isEnd || candidates.length === 0) break;
      this.memory.append(sequence, [token.id], adaptersOf(item));
    }
    const sample = this.#spend(this.#options.sampleUs * sampled.length);
    return { sequence, sample, tokens: sampled, drafted: Math.max(0, ...drafts.map((draft) => draft.length)) };
  }

  #next(context: FakeContext, sampler: FakeSampler): SampledToken {
    const own = (this.#options.script === "mix" ? this.#mix(context, sampler) : this.#script(context, sampler)) ?? end;
    const { forced } = sampler;
    sampler.forced = null;
    const id = forced ?? own;
    const facts = sampler.records && { ...this.#facts(id, sampler.params), ...(forced !== null && { chosenBy: "debugger" as const }) };
    return { id, isEnd: id === end, ...this.#logprobs(id, sampler.params.topLogprobs), ...(facts && { facts }), ...(sampler.watched && { choice: this.#choice(own) }) };
  }

  #choice(id: number): Choice {
    const candidates = (this.#logprobs(id, 20).top ?? []).map(({ id: other, logprob }) => ({ id: other, logit: logprob, probability: Math.exp(logprob) }));
    const stage = { settings: {}, kept: candidates.length, candidates };
    return { stages: [{ ...stage, name: "logits", chosen: null }, { ...stage, name: "draw", chosen: id }], grammar: null };
  }

  #script(context: FakeContext, sampler: FakeSampler): number | undefined {
    const wrong = this.#vocabulary.encode(" [wrong]")[0]!;
    return sampler.next(context, wrong, (prompt, seed) => this.#write(prompt, seed));
  }

  *#write(prompt: readonly number[], seed: number): Generator<number, undefined> {
    const { script, text } = this.#options;
    for (const piece of scripts[script]({ question: lastQuestion(this.#text(prompt)), seed, text })) yield* this.#vocabulary.encode(piece);
  }

  #mix({ tokens, discarded }: FakeContext, { seed }: FakeSampler): number | undefined {
    const word = mixedWord([...tokens, discarded, seed], this.#options);
    return word === null ? undefined : this.#vocabulary.encode(this.#options.vocabulary === "bytes" ? String.fromCharCode(97 + word % 26) : ` w${word}`)[0];
  }

  /** The chosen token has probability 1/2, the others, as far as there are any, 1/4, 1/8 and so on. */
  #logprobs(id: number, topLogprobs: number | null): Pick<SampledToken, "logprob" | "top"> {
    if (topLogprobs === null) return {};
    const others = Array.from({ length: Math.min(topLogprobs, this.#vocabulary.size) }, (_, rank) => (id + rank) % this.#vocabulary.size);
    const ids = [...new Set([id, ...others])].slice(0, topLogprobs);
    return { logprob: Math.log(0.5), top: ids.map((other, rank) => ({ id: other, logprob: (rank + 1) * Math.log(0.5) })) };
  }

  #facts(id: number, { temperature }: GenerationParams): TokenFacts {
    const { logprob = 0, top = [] } = this.#logprobs(id, recordedCandidates);
    // Σ ln(2ⁿ)/2ⁿ.
    return { logprob, top, entropy: 2 * Math.log(2), chosenBy: temperature === 0 ? "greedy" : "draw" };
  }

  #text(tokens: readonly number[]): string {
    return Buffer.concat(tokens.map((token) => this.tokenBytes(token, true))).toString("utf8");
  }

  #own(sampler: Sampler): FakeSampler {
    assert(sampler instanceof FakeSampler, "a sampler of another engine");
    return sampler;
  }

  #spend(us: number): Interval {
    const startUs = this.#time.nowUs();
    this.#time.spend(us);
    return { startUs, endUs: this.#time.nowUs() };
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, it) => total + it, 0);
/** Every guess needs a cell, each candidate its own. */
const tokensOf = ({ tokens, drafts = [] }: BatchItem): number => tokens.length + sum(drafts.map((draft) => draft.length));
const adaptersOf = ({ adapters = [] }: BatchItem): string => adapters.map(({ adapter, scale }) => `${adapter}:${scale}`).join();

function lastQuestion(prompt: string): string {
  return [...prompt.matchAll(/<\|im_start\|>user\n(.*?)<\|im_end\|>/gs)].at(-1)?.[1] ?? prompt;
}
