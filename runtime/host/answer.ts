import type { BatchItem, SampledToken } from "../backends/backend.ts";
import type { PlanItem, SequenceState } from "../scheduler/plan.ts";
import { TokenStream } from "../stream/token-stream.ts";
import type { GenerateRequest, TokenRecord } from "./messages.ts";
import type { PreparedPrompt } from "./prepare.ts";
import type { Timeline } from "./timeline.ts";

/** What a sampled token adds to the answer. */
interface Addition {
  readonly text: string;
  readonly tokens: readonly TokenRecord[];
  /** Why the answer is over with it; null when it goes on. */
  readonly over: "stop" | "length" | null;
}

/** One request's answer in the making, from the prompt's tokens to its end. */
export class Answer {
  readonly request: GenerateRequest;
  readonly timeline: Timeline;
  /** Order of arrival. */
  readonly arrival: number;
  /** KV cache sequence; null while waiting for one. */
  sequence: number | null = null;
  paused = false;
  /** Tokens so far; the end token is not one. */
  generated = 0;
  readonly #stream: TokenStream;
  readonly #limit: number;
  /** Prompt and answer. */
  readonly #tokens: number[];
  readonly #promptTokens: number;
  #cached = 0;

  constructor(request: GenerateRequest, arrival: number, prompt: PreparedPrompt, timeline: Timeline) {
    this.request = request;
    this.arrival = arrival;
    this.timeline = timeline;
    this.#stream = new TokenStream(request.stop);
    this.#limit = prompt.limit;
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

  /** Takes the token that was sampled; unless the answer is over, it is decoded in the next step. */
  take(token: SampledToken, bytesOf: (token: number) => Uint8Array): Addition {
    if (token.isEnd) return { ...this.#stream.finish(), over: "stop" };
    const piece = this.#stream.push(this.#record(token, bytesOf));
    this.#tokens.push(token.id);
    this.generated += 1;
    if (piece.stopped) return { ...piece, over: "stop" };
    if (this.generated < this.#limit) return { ...piece, over: null };
    const rest = this.#stream.finish();
    return { text: piece.text + rest.text, tokens: [...piece.tokens, ...rest.tokens], over: rest.stopped ? "stop" : "length" };
  }

  #record({ id, logprob, top }: SampledToken, bytesOf: (token: number) => Uint8Array): TokenRecord {
    const bytes = bytesOf(id);
    if (this.request.params.topLogprobs === null) return { id, bytes };
    return { id, bytes, logprob, top: top?.map((other) => ({ bytes: bytesOf(other.id), logprob: other.logprob })) };
  }
}
