import { assert } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Backend, BatchItem, StepReport, StepResult } from "../backends/backend.ts";
import type { BatchPlan, SchedulingPolicy } from "../scheduler/plan.ts";
import { Answer } from "./answer.ts";
import type { GenerateRequest, GenerationEvent, TokenRecord } from "./messages.ts";
import { PromptPreparation } from "./prepare.ts";
import { Timeline } from "./timeline.ts";

export interface ModelHostOptions {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly policy: SchedulingPolicy;
  /** The calendar time, for chat templates. */
  readonly now: () => Date;
  readonly emit: (id: string, event: GenerationEvent) => void;
}

/**
 * The generation loop of one model. Each turn plans one step over all running sequences, lets the engine do it and says what came out.
 * Between two turns the event loop runs, so that a cancel, a pause or a new request takes effect at the next step.
 */
export class ModelHost {
  readonly #backend: Backend;
  readonly #clock: Clock;
  readonly #policy: SchedulingPolicy;
  readonly #emit: ModelHostOptions["emit"];
  readonly #preparation: PromptPreparation;
  /** All requests in work, oldest first; those without a sequence wait for one. */
  readonly #answers = new Map<string, Answer>();
  readonly #bySequence = new Map<number, Answer>();
  readonly #freeSequences: number[];
  #arrivals = 0;
  #turnIsDue = false;
  #whenIdle: (() => void)[] = [];

  constructor({ backend, clock, policy, now, emit }: ModelHostOptions) {
    this.#backend = backend;
    this.#clock = clock;
    this.#policy = policy;
    this.#emit = emit;
    this.#preparation = new PromptPreparation(backend, clock, now);
    this.#freeSequences = Array.from({ length: backend.capacity.sequences }, (_, sequence) => sequence);
  }

  /** Requests in work, waiting ones included. */
  get running(): number {
    return this.#answers.size;
  }

  generate(request: GenerateRequest, sentUs: number): void {
    assert(!this.#answers.has(request.id), `request ${request.id} is in work already`);
    const timeline = new Timeline(sentUs);
    timeline.mark("dispatch", this.#clock.nowUs());
    try {
      const prompt = this.#preparation.prepare(request, timeline);
      this.#emit(request.id, { type: "prompt", text: prompt.text, tokens: prompt.tokens.length, spans: timeline.take() });
      timeline.idle("send", this.#clock.nowUs());
      this.#answers.set(request.id, new Answer(request, this.#arrivals++, prompt, timeline));
    } catch (error) {
      this.#emit(request.id, { type: "failed", error: InfernoError.from(error).toBody(), endUs: timeline.endUs, spans: timeline.take() });
      return;
    }
    this.#admit();
  }

  cancel(id: string): void {
    const answer = this.#answers.get(id);
    if (!answer) return;
    answer.timeline.idle(answer.sequence === null ? "queue" : "wait", this.#clock.nowUs());
    this.#fail(answer, new InfernoError("request_cancelled", "The request was cancelled."));
  }

  cancelAll(): void {
    for (const id of [...this.#answers.keys()]) this.cancel(id);
  }

  pause(id: string): void {
    const answer = this.#answers.get(id);
    if (answer) answer.paused = true;
  }

  resume(id: string): void {
    const answer = this.#answers.get(id);
    if (!answer) return;
    answer.paused = false;
    this.#wake();
  }

  /** Resolves when no request is in work. */
  async idle(): Promise<void> {
    if (this.#answers.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #admit(): void {
    for (const answer of this.#answers.values()) {
      if (answer.sequence !== null) continue;
      const sequence = this.#freeSequences.shift();
      if (sequence === undefined) break;
      answer.timeline.idle("queue", this.#clock.nowUs());
      try {
        this.#backend.open(sequence, answer.request.params);
      } catch (error) {
        this.#freeSequences.push(sequence);
        this.#fail(answer, InfernoError.from(error));
        continue;
      }
      answer.sequence = sequence;
      this.#bySequence.set(sequence, answer);
    }
    this.#wake();
  }

  #wake(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    setImmediate(() => {
      this.#turnIsDue = false;
      this.#turn();
    });
  }

  #turn(): void {
    const states = [...this.#bySequence].map(([sequence, answer]) => answer.state(sequence));
    const plan = this.#policy(states, { tokens: this.#backend.capacity.batch });
    if (plan.length > 0) {
      this.#step(plan);
      this.#wake();
      return;
    }
    // Nobody may run: `resume` and `generate` wake the loop again.
    assert(states.every((state) => state.paused), "the scheduling policy leaves sequences that could run");
  }

  #step(plan: BatchPlan): void {
    const batch = plan.map((item) => {
      const answer = this.#bySequence.get(item.sequence);
      assert(answer, `the plan names sequence ${item.sequence}, which is not running`);
      return { answer, item: answer.batchItem(item) };
    });
    const startUs = this.#clock.nowUs();
    let report: StepReport;
    try {
      report = this.#backend.step(batch.map(({ item }) => item));
    } catch (error) {
      const failure = asDecodeFailure(error);
      const endUs = this.#clock.nowUs();
      for (const { answer, item } of batch) {
        answer.timeline.idle("wait", startUs);
        answer.decoded(item, batch.length, endUs);
        this.#fail(answer, failure);
      }
      return;
    }
    const results = new Map(report.results.map((result) => [result.sequence, result]));
    for (const { answer, item } of batch) {
      answer.timeline.idle("wait", report.decode.startUs);
      answer.decoded(item, batch.length, report.decode.endUs);
      this.#say(answer, item, results.get(item.sequence));
    }
  }

  #say(answer: Answer, item: BatchItem, result: StepResult | undefined): void {
    if (!item.sample) {
      // Nothing to show yet, but a host that dies now leaves its trace up to here.
      this.#emitText(answer, "", []);
      return;
    }
    assert(result, `the engine sampled no token for sequence ${item.sequence}`);
    const { request, timeline, generated: index } = answer;
    timeline.idle("wait", result.sample.startUs);
    timeline.mark("sample", result.sample.endUs, { index });
    timeline.idle("wait", this.#clock.nowUs());
    const { text, tokens, over } = answer.take(result.token, (token) => this.#backend.tokenBytes(token));
    timeline.mark("detokenize", this.#clock.nowUs(), { index });
    if (over === null || text !== "" || tokens.length > 0) this.#emitText(answer, text, tokens);
    if (over === null) return;
    this.#emit(request.id, { type: "end", reason: over, completionTokens: answer.generated, endUs: timeline.endUs, spans: timeline.take() });
    this.#release(answer);
  }

  #emitText({ request, timeline }: Answer, text: string, tokens: readonly TokenRecord[]): void {
    this.#emit(request.id, { type: "text", text, tokens, spans: timeline.take() });
    // Serialising and writing an event costs as much as a small model's sampling: as a part of `wait` it would look like somebody else's work.
    timeline.idle("send", this.#clock.nowUs());
  }

  #fail(answer: Answer, error: InfernoError): void {
    const { request, timeline } = answer;
    this.#emit(request.id, { type: "failed", error: error.toBody(), endUs: timeline.endUs, spans: timeline.take() });
    this.#release(answer);
  }

  #release({ request, sequence }: Answer): void {
    this.#answers.delete(request.id);
    if (sequence !== null) {
      this.#backend.close(sequence);
      this.#bySequence.delete(sequence);
      this.#freeSequences.push(sequence);
      this.#admit();
    }
    if (this.#answers.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

function asDecodeFailure(error: unknown): InfernoError {
  if (error instanceof InfernoError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new InfernoError("decode_failed", `The engine failed in a decode step: ${message}`, { cause: error });
}
