import { assert } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Embedder } from "../backends/embedder.ts";
import { answered, refused } from "./call-outcome.ts";
import { nextBatch } from "./embedding-batches.ts";
import type { FromHost, HostCall } from "./messages.ts";
import { checkToken } from "./text-calls.ts";
import { Timeline } from "./timeline.ts";

export type EmbeddingCall = Extract<HostCall, { kind: "embed" | "rerank" }>;

export interface EmbeddingHostOptions {
  readonly embedder: Embedder;
  readonly rank: boolean;
  readonly clock: Clock;
  readonly send: (message: FromHost) => void;
}

interface Work {
  readonly id: string;
  readonly call: EmbeddingCall;
  readonly timeline: Timeline;
  readonly inputs: readonly (readonly number[])[];
  readonly vectors: (Float32Array | null)[];
}

/**
 * The loop of a model that embeds or reranks. Each turn fills one batch with the oldest inputs, of several requests where there is room.
 * Between two turns the event loop runs, so that a cancel or another request takes effect.
 */
export class EmbeddingHost {
  readonly #options: EmbeddingHostOptions;
  /** Oldest first. */
  readonly #work = new Map<string, Work>();
  #turnIsDue = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: EmbeddingHostOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#work.size;
  }

  call(id: string, call: EmbeddingCall, sentUs: number): void {
    assert(!this.#work.has(id), `call ${id} is in work already`);
    const { clock, send } = this.#options;
    const timeline = new Timeline(sentUs);
    timeline.mark("dispatch", clock.nowUs());
    try {
      const inputs = this.#tokens(call);
      timeline.mark("tokenize", clock.nowUs(), { inputs: inputs.length });
      this.#work.set(id, { id, call, timeline, inputs, vectors: inputs.map(() => null) });
      this.#wake();
    } catch (error) {
      send(refused(id, timeline, error));
    }
  }

  cancel(id: string): void {
    const work = this.#work.get(id);
    if (!work) return;
    work.timeline.idle("wait", this.#options.clock.nowUs());
    this.#end(work, refused(id, work.timeline, new InfernoError("request_cancelled", "The request was cancelled.")));
  }

  cancelAll(): void {
    for (const id of [...this.#work.keys()]) this.cancel(id);
  }

  async idle(): Promise<void> {
    if (this.#work.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #tokens(call: EmbeddingCall): number[][] {
    const { embedder, rank } = this.#options;
    if ((call.kind === "rerank") !== rank) throw new InfernoError("internal", `A call of kind ${call.kind} reached a model for another task.`);
    if (call.kind === "rerank") {
      return call.documents.map((document, index) => this.#checked(embedder.pair(call.query, document), `documents.${index}`, "query and document have"));
    }
    return call.inputs.map((input, index) => {
      const param = call.inputs.length === 1 ? "input" : `input.${index}`;
      if (typeof input !== "string") for (const token of input) checkToken(embedder, token, param);
      const tokens = typeof input === "string" ? embedder.tokenize(input, { addSpecial: true, parseSpecial: false }) : [...input];
      return this.#checked(tokens, param, "it has");
    });
  }

  #checked(tokens: number[], param: string, subject: string): number[] {
    const { embedder: { limits: { context } } } = this.#options;
    if (tokens.length === 0) throw new InfernoError("invalid_request", `${param}: the text is empty.`, { param });
    if (tokens.length <= context) return tokens;
    throw new InfernoError("context_length_exceeded", `${param}: ${subject} ${tokens.length} tokens, the model takes ${context}.`, { param, hint: "Split the text, or raise `context` in inferno.yaml up to the trained length." });
  }

  #wake(): void {
    if (this.#turnIsDue || this.#work.size === 0) return;
    this.#turnIsDue = true;
    setImmediate(() => {
      this.#turnIsDue = false;
      this.#turn();
      this.#wake();
    });
  }

  #turn(): void {
    const { embedder } = this.#options;
    const pending = [...this.#work.values()].flatMap((work) => work.vectors.flatMap((vector, index) => (vector === null ? [{ work, index, tokens: work.inputs[index]!.length }] : [])));
    const batch = nextBatch(pending, embedder.limits);
    if (batch.length === 0) return;
    const works = new Set(batch.map(({ work }) => work));
    try {
      const { compute, vectors } = embedder.embed(batch.map(({ work, index }) => work.inputs[index]!));
      const tokens = batch.reduce((sum, item) => sum + item.tokens, 0);
      for (const { timeline } of works) {
        timeline.idle("wait", compute.startUs);
        timeline.mark("embed", compute.endUs, { batch: batch.length, tokens });
      }
      for (const [place, { work, index }] of batch.entries()) work.vectors[index] = vectors[place] ?? null;
    } catch (error) {
      for (const work of works) this.#end(work, refused(work.id, work.timeline, error));
      return;
    }
    for (const work of works) if (!work.vectors.includes(null)) this.#finish(work);
  }

  #finish(work: Work): void {
    const vectors = work.vectors.filter((vector) => vector !== null);
    const tokens = work.inputs.reduce((sum, { length }) => sum + length, 0);
    const value = work.call.kind === "embed" ? { vectors, tokens } : { scores: vectors.map((score) => score[0] ?? 0), tokens };
    this.#end(work, answered(work.id, work.timeline, value));
  }

  #end(work: Work, message: FromHost): void {
    this.#work.delete(work.id);
    this.#options.send(message);
    if (this.#work.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
