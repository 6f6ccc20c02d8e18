import type { BatchItem } from "../backends/backend.ts";
import type { PlanItem, SequenceState } from "../scheduler/plan.ts";
import { TokenStream } from "../stream/token-stream.ts";
import type { GenerateRequest } from "./messages.ts";
import type { PreparedPrompt } from "./prepare.ts";
import type { Timeline } from "./timeline.ts";

/** One request's answer in the making, from the prompt's tokens to its end. */
export class Answer {
  readonly request: GenerateRequest;
  readonly timeline: Timeline;
  readonly stream: TokenStream;
  /** Order of arrival. */
  readonly arrival: number;
  /** Most tokens of the answer. */
  readonly limit: number;
  /** KV cache sequence; null while waiting for one. */
  sequence: number | null = null;
  paused = false;
  /** Tokens so far; the end token is not one. */
  generated = 0;
  /** Prompt and answer. */
  readonly #tokens: number[];
  readonly #promptTokens: number;
  #cached = 0;

  constructor(request: GenerateRequest, arrival: number, prompt: PreparedPrompt, timeline: Timeline) {
    this.request = request;
    this.arrival = arrival;
    this.timeline = timeline;
    this.stream = new TokenStream(request.stop);
    this.limit = prompt.limit;
    this.#tokens = prompt.tokens;
    this.#promptTokens = prompt.tokens.length;
  }

  /** How the scheduler sees it, once it has a sequence. */
  state(sequence: number): SequenceState {
    const { arrival, paused } = this;
    return { sequence, arrival, cached: this.#cached, pending: this.#tokens.length - this.#cached, paused };
  }

  batchItem({ sequence, count, sample }: PlanItem): BatchItem {
    return { sequence, tokens: this.#tokens.slice(this.#cached, this.#cached + count), position: this.#cached, sample };
  }

  /** Records that `item` went through the model until `endUs`, as one of `batch` sequences. */
  decoded(item: BatchItem, batch: number, endUs: number): void {
    const { position, tokens: { length: count } } = item;
    if (position < this.#promptTokens) this.timeline.mark("prefill", endUs, { tokens: count, batch, position });
    else this.timeline.mark("decode", endUs, { index: this.generated, batch, position });
    this.#cached += count;
  }

  /** The answer's next token, to be decoded in the next step. */
  append(token: number): void {
    this.#tokens.push(token);
    this.generated += 1;
  }
}
