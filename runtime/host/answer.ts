import { assert } from "../../base/assert.ts";
import type { FinishReason } from "../../protocol/api/openai.ts";
import type { SpanAttributes } from "../../protocol/trace.ts";
import type { BatchItem, SampledToken, Sampler, StepResult } from "../backends/backend.ts";
import type { PlanItem, SequenceState, WaitingState, PrefixMatch } from "../scheduler/plan.ts";
import type { OutputParser } from "../output/output-parser.ts";
import { TokenStream } from "../stream/token-stream.ts";
import type { SavedState } from "./debug/debugged.ts";
import type { AnswerTokens, Moment } from "./answer-tokens.ts";
import type { Job } from "./job.ts";
import type { TokenRecord, ToolCallDelta } from "./messages.ts";

/** What sampled tokens add to the generated text. */
type Generated = Omit<Addition, "calls">;

/** What sampled tokens add to the answer. */
export interface Addition {
  readonly text: string;
  readonly calls: readonly ToolCallDelta[];
  readonly tokens: readonly TokenRecord[];
  /** Why the answer is over with it; null when it goes on. */
  readonly over: FinishReason | null;
}

type BytesOf = (token: number, special?: boolean) => Uint8Array;

/** One answer in the making, from the prompt's tokens to its end. */
export class Answer {
  readonly job: Job;
  /** Number among the answers of its request. */
  readonly choice: number;
  /** Order of arrival. */
  readonly arrival: number;
  /** KV cache sequence; null while waiting for one. */
  sequence: number | null = null;
  sampler: Sampler | null = null;
  /** The state of the KV cache while it is swapped out, or that it is to begin with. */
  swapped: SavedState | null = null;
  /** Tokens so far; the end token is not one. */
  generated = 0;
  drafted = 0;
  accepted = 0;
  /** Tokens that left the context while the answer grew (`overflow: shift`). */
  dropped = 0;
  /** False when what it leaves in the KV cache is no prefix of anything: tokens were dropped, or a step failed in the middle. */
  reusable = true;
  /** Name of the tool call that it is in, or that its latest token ended. */
  call: string | null = null;
  /** What is recorded of its tokens; null when nothing is. */
  recorded: AnswerTokens | null = null;
  readonly #stream: TokenStream;
  readonly #parser: OutputParser;
  /** Prompt and answer. */
  readonly #tokens: number[];
  #cached = 0;

  constructor(job: Job, choice: number, arrival: number) {
    this.job = job;
    this.choice = choice;
    this.arrival = arrival;
    this.#stream = new TokenStream(job.request.stop);
    this.#parser = job.prompt.output.newParser();
    const { resumption } = job;
    this.#tokens = [...job.prompt.tokens, ...(resumption?.ids ?? [])];
    if (resumption === null) return;
    this.generated = resumption.ids.length;
    this.#cached = this.#tokens.length - 1;
    this.swapped = resumption.state;
    this.sampler = resumption.sampler;
  }

  /** Prompt and answer so far; all but the last `tokens.length - cached` are in the KV cache. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  get cached(): number {
    return this.#cached;
  }

  /** How the scheduler sees it once it has a sequence; `drafts` is how many tokens to guess when it decodes. */
  state(sequence: number, drafts: number): SequenceState {
    const { arrival, job } = this;
    const pending = this.#tokens.length - this.#cached;
    return {
      sequence, arrival, priority: job.request.priority, cached: this.#cached, pending, drafts: pending === 1 && job.debug === null ? drafts : 0,
      paused: job.paused, adapters: job.namespace,
    };
  }

  waiting(match: PrefixMatch | null): WaitingState {
    return { arrival: this.arrival, priority: this.job.request.priority, tokens: Math.max(this.#tokens.length, this.swapped?.length ?? 0), swapped: this.swapped !== null, match };
  }

  /** It has a sequence with this many of its tokens in it. */
  begin(sequence: number, cached: number): void {
    this.sequence = sequence;
    this.#cached = cached;
  }

  batchItem({ sequence, count, sample }: PlanItem, drafts: readonly (readonly number[])[]): BatchItem {
    if (sample) this.job.debug?.before(this);
    return {
      sequence, tokens: this.#tokens.slice(this.#cached, this.#cached + count), position: this.#cached,
      sampler: sample ? this.sampler : null,
      ...(drafts.length > 0 && { drafts }),
      ...(this.job.adapters.length > 0 && { adapters: this.job.adapters }),
    };
  }

  /** Records that `item` went through the model until `endUs`, in step number `step`, as one of `batch` sequences. */
  decoded(item: BatchItem, result: StepResult | undefined, step: number, batch: number, endUs: number, noted: SpanAttributes = {}): void {
    const { position, tokens: { length: count } } = item;
    const { timeline, prompt } = this.job;
    if (this.job.lastStep !== step) {
      this.job.lastStep = step;
      if (position < prompt.tokens.length && this.generated === 0) timeline.mark("prefill", endUs, { tokens: count, batch, position, ...noted });
      else timeline.mark("decode", endUs, { index: this.generated, batch, position, ...(result && result.drafted > 0 && { drafted: result.drafted, accepted: result.tokens.length - 1 }), ...noted });
    }
    this.#cached += count;
    if (result === undefined) return;
    this.#cached += result.tokens.length - 1;
    this.drafted += result.drafted;
    this.accepted += Math.min(result.drafted, result.tokens.length - 1);
  }

  /** Takes what was sampled, up to where the answer is over; unless it is, the last token is decoded in the next step. */
  take(tokens: readonly SampledToken[], bytesOf: BytesOf, moment: Moment): Addition {
    let text = "";
    const shown: TokenRecord[] = [];
    for (const token of tokens) {
      this.recorded?.add(token, moment);
      const addition = this.#takeOne(token, bytesOf);
      text += addition.text;
      shown.push(...addition.tokens);
      if (addition.over !== null) return this.#parsed({ text, tokens: shown, over: addition.over });
    }
    return this.#parsed({ text, tokens: shown, over: null });
  }

  /** Reads what it has taken over from another as if it had been sampled. */
  takeOver(ids: readonly number[], bytesOf: BytesOf): Addition {
    const pieces = ids.map((id) => this.#stream.push({ id, bytes: bytesOf(id, this.job.prompt.output.shownTokens.has(id)) }));
    return this.#parsed({ text: pieces.map(({ text }) => text).join(""), tokens: pieces.flatMap(({ tokens }) => tokens), over: null });
  }

  /** The context is full: what was held back is part of the answer. */
  endAtLimit(): Addition {
    return this.#parsed(this.#cutOff());
  }

  /** Tool calls are told from text. One that a stop string broke off is no call that anybody should make. */
  #parsed({ text: generated, tokens, over }: Generated): Addition {
    const wasIn = this.#parser.inCall;
    const { text, calls } = this.#parser.push(generated);
    this.call = wasIn || calls.length > 0 ? (calls.findLast(({ name }) => name !== undefined)?.name ?? this.call) : null;
    if (over === null) return { text, calls, tokens, over };
    const rest = this.#parser.finish();
    return { text: text + rest.text, calls: [...calls, ...rest.calls], tokens, over: over === "stop" && this.#parser.called && !this.#parser.inCall ? "tool_calls" : over };
  }

  #cutOff(): Generated {
    const { text, tokens, stopped } = this.#stream.finish();
    return { text, tokens, over: stopped ? "stop" : "length" };
  }

  /** Forgets the tokens [keep, keep + discard), which have left the KV cache. */
  shifted(keep: number, discard: number): void {
    assert(keep + discard <= this.#cached, "only cached tokens can leave the cache");
    this.reusable = false;
    this.dropped += discard;
    this.#tokens.splice(keep, discard);
    this.#cached -= discard;
  }

  #takeOne(token: SampledToken, bytesOf: BytesOf): Generated {
    if (token.isEnd) return { ...this.#stream.finish(), over: "stop" };
    const piece = this.#stream.push(this.#record(token, bytesOf));
    this.#tokens.push(token.id);
    this.generated += 1;
    if (piece.stopped) return { ...piece, over: "stop" };
    if (this.generated < this.job.prompt.limit) return { ...piece, over: null };
    const rest = this.#cutOff();
    return { text: piece.text + rest.text, tokens: [...piece.tokens, ...rest.tokens], over: rest.over };
  }

  #record({ id, logprob, top }: SampledToken, bytesOf: BytesOf): TokenRecord {
    // Control tokens are not shown, but some models write calls with them.
    const bytes = bytesOf(id, this.job.prompt.output.shownTokens.has(id));
    if (this.job.request.params.topLogprobs === null) return { id, bytes };
    return { id, bytes, logprob, top: top?.map((other) => ({ bytes: bytesOf(other.id), logprob: other.logprob })) };
  }
}
