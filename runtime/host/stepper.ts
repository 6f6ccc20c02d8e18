import { assert } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import type { FinishReason } from "../../protocol/api/openai.ts";
import type { InfernoError } from "../../protocol/errors.ts";
import type { Backend, BatchItem, StepReport, StepResult } from "../backends/backend.ts";
import { isDecoding } from "../scheduler/is-decoding.ts";
import type { PlanItem, SchedulingPolicy, VictimPolicy } from "../scheduler/plan.ts";
import type { Addition, Answer } from "./answer.ts";
import { shiftIfFull } from "./context-shift.ts";
import { decodeFailure } from "./decode-failure.ts";
import type { Job } from "./job.ts";
import type { StepFacts } from "./messages.ts";
import type { Outbox } from "./outbox.ts";
import { Profiling } from "./profiling.ts";
import { PromptPace } from "./prompt-pace.ts";
import type { SequencePool } from "./sequence-pool.ts";
import type { Speculation } from "./speculation.ts";

export interface StepperOptions {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly policies: { readonly batch: SchedulingPolicy; readonly victim: VictimPolicy };
  readonly pool: SequencePool;
  readonly outbox: Outbox;
  readonly speculation: Speculation;
  /** Running answers by sequence. */
  readonly running: Map<number, Answer>;
  readonly onOver: (answer: Answer, reason: FinishReason) => void;
  readonly onFailed: (answer: Answer, error: InfernoError) => void;
  /** It has no sequence any more and waits again. */
  readonly onSwapped: (answer: Answer) => void;
}

export interface Stepped {
  /** Answers that took part. */
  readonly took: number;
  readonly jobs: ReadonlySet<Job>;
  readonly swapped: boolean;
  readonly facts?: StepFacts;
}

interface Part {
  readonly answer: Answer;
  readonly item: BatchItem;
}

/** One step of the loop over all running answers: plan, make room, guess, decode, tell. */
export class Stepper {
  readonly #options: StepperOptions;
  readonly #pace: PromptPace;
  readonly #profiling: Profiling;
  #step = 0;
  #lastAdapters: string | null = null;
  #lastSequence: number | null = null;

  constructor(options: StepperOptions) {
    this.#options = options;
    this.#pace = new PromptPace(options.backend.capacity.batch);
    this.#profiling = new Profiling(options.backend.profiler, options.clock);
  }

  /** How long the prompts in work will take, as far as is known. */
  get promptUs(): number {
    return this.#pace.promptUs([...this.#options.running.values()].reduce((sum, answer) => sum + (answer.job.paused ? 0 : answer.tokens.length - answer.cached), 0));
  }

  /** Nobody is in work any more. */
  rest(): void {
    this.#profiling.rest();
  }

  step(): Stepped {
    const { backend, clock, running } = this.#options;
    const beginUs = clock.nowUs();
    for (const answer of [...running.values()]) this.#keepInContext(answer);
    let plan = this.#plan();
    let swapped = false;
    while (plan.length > 0 && !this.#makeRoom(plan)) {
      // Without cells for everybody guesses are the first to go; then somebody has to step aside, and the step is planned anew.
      if (plan.some(({ drafts }) => drafts > 0)) {
        plan = plan.map((item) => ({ ...item, drafts: 0 }));
        continue;
      }
      const steppedAside = this.#swapOneOut();
      assert(steppedAside, "the last running answer has no cells to go on: its context is larger than the KV cache");
      swapped = true;
      plan = this.#plan();
    }
    if (plan.length === 0) return { took: 0, jobs: new Set(), swapped };
    const parts = this.#parts(plan);
    this.#step += 1;
    const startUs = clock.nowUs();
    let report: StepReport;
    try {
      const profiled = this.#profiling.before(parts.map(({ answer }) => answer), running.values());
      report = backend.step(parts.map(({ item }) => item), profiled);
    } catch (error) {
      this.#failed(parts, startUs, decodeFailure("in a decode step", error));
      return { took: parts.length, jobs: jobsOf(parts), swapped };
    }
    const jobs = jobsOf(parts);
    const facts = this.#tell(parts, report, beginUs);
    return { took: parts.length, jobs, swapped, facts };
  }

  #keepInContext(answer: Answer): void {
    const { backend, pool, onFailed } = this.#options;
    try {
      if (shiftIfFull(answer, pool, backend.capacity.context)) return;
    } catch (error) {
      answer.reusable = false;
      return onFailed(answer, decodeFailure("to shift the answer's context", error));
    }
    this.#conclude(answer, answer.endAtLimit());
  }

  #plan(): readonly PlanItem[] {
    const { backend, policies, speculation, running } = this.#options;
    const states = [...running].map(([sequence, answer]) => answer.state(sequence, speculation.wanted(answer)));
    const decoding = states.filter(isDecoding).length;
    const promptTokens = this.#pace.promptTokens({ decoding, prompting: states.length - decoding });
    return policies.batch(states, { tokens: backend.capacity.batch, promptTokens, lastAdapters: this.#lastAdapters, lastSequence: this.#lastSequence });
  }

  /** Evicts cached prefixes, longest unused first, until the plan's tokens have cells. False when they never will. */
  #makeRoom(plan: readonly PlanItem[]): boolean {
    const { pool, backend } = this.#options;
    if (backend.capacity.layout === "per_sequence") return plan.every(({ sequence, count, drafts }) => pool.room(sequence) >= count + drafts);
    const needed = plan.reduce((sum, { count, drafts }) => sum + count + drafts, 0);
    if (pool.cellsFree >= needed) return true;
    for (const { sequence } of pool.cached()) {
      pool.drop(sequence);
      if (pool.cellsFree >= needed) return true;
    }
    return false;
  }

  /** False when nobody may step aside. One whose state the engine cannot save ends there. */
  #swapOneOut(): boolean {
    const { policies, running } = this.#options;
    const sequence = policies.victim([...running].map(([sequence, { arrival, job: { request, paused } }]) => (
      { sequence, arrival, priority: request.priority, paused })));
    const victim = sequence === null ? undefined : running.get(sequence);
    if (sequence === null || victim === undefined) return false;
    this.#swapOut(victim, sequence);
    return true;
  }

  /** Lets an answer step aside that a debugger holds, so that others can have its place. False when there is none. */
  park(): boolean {
    for (const [sequence, answer] of this.#options.running) {
      if (!answer.job.debug?.stopped) continue;
      this.#swapOut(answer, sequence);
      return true;
    }
    return false;
  }

  #swapOut(victim: Answer, sequence: number): void {
    const { pool, running, clock, speculation, onSwapped, onFailed } = this.#options;
    victim.job.idle(clock.nowUs());
    speculation.forget(victim);
    victim.sequence = null;
    running.delete(sequence);
    try {
      victim.swapped = { bytes: pool.swapOut(sequence), length: victim.cached };
    } catch (error) {
      onFailed(victim, decodeFailure("to save the answer's state", error));
      return;
    }
    victim.job.timeline.mark("swap", clock.nowUs(), { tokens: victim.cached, bytes: victim.swapped.bytes.byteLength });
    onSwapped(victim);
  }

  #parts(plan: readonly PlanItem[]): Part[] {
    const { running, speculation } = this.#options;
    const answers = plan.map(({ sequence }) => {
      const answer = running.get(sequence);
      assert(answer, `the plan names sequence ${sequence}, which is not running`);
      return answer;
    });
    this.#lastAdapters = answers[0]?.job.namespace ?? null;
    this.#lastSequence = plan.at(-1)?.sequence ?? null;
    const asking = plan.flatMap(({ drafts: most }, index) => (most > 0 ? [{ answer: answers[index]!, most }] : []));
    const guesses = asking.length === 0 ? [] : speculation.propose(asking);
    let next = 0;
    return plan.map((of, index) => {
      const answer = answers[index]!;
      return { answer, item: answer.batchItem(of, of.drafts > 0 ? (guesses[next++] ?? []) : []) };
    });
  }

  #tell(parts: readonly Part[], report: StepReport, beginUs: number): StepFacts {
    const { backend, clock, pool, speculation } = this.#options;
    const { decode, results } = report;
    const bySequence = new Map(results.map((result) => [result.sequence, result]));
    const width = parts.reduce((sum, { item }) => sum + item.tokens.length + draftedTokens(item), 0);
    const decodeUs = decode.endUs - decode.startUs;
    const noted = this.#profiling.after(parts.map(({ answer }) => answer), report);
    if (!report.profile) speculation.measured({ width, guessed: parts.reduce((sum, { item }) => sum + draftedTokens(item), 0), answers: results.length, us: decodeUs });
    for (const { answer, item } of parts) {
      const result = bySequence.get(item.sequence);
      answer.job.idle(decode.startUs);
      answer.decoded(item, result, this.#step, parts.length, decode.endUs, noted.get(answer.job));
      pool.grew(item.sequence, item.tokens.length + (result ? result.tokens.length - 1 : 0));
      if (result) speculation.observe(answer, item, result);
    }
    let sampleUs = 0;
    for (const { sequence, sample, tokens } of results) {
      const answer = this.#options.running.get(sequence);
      assert(answer, `the engine sampled for sequence ${sequence}, which is not running`);
      sampleUs += sample.endUs - sample.startUs;
      answer.job.idle(sample.startUs);
      answer.job.timeline.mark("sample", sample.endUs, { index: answer.generated, ...(tokens.length > 1 && { tokens: tokens.length }) });
    }
    for (const { answer, item } of parts) this.#say(answer, bySequence.get(item.sequence), { batch: parts.length, sinceUs: decode.startUs });
    if (!report.profile) this.#pace.observe(parts.map(({ item }) => item), decodeUs);
    const sum = (of: (result: StepResult) => number): number => results.reduce((total, result) => total + of(result), 0);
    return {
      sequences: parts.length, tokens: width, cellsUsed: pool.cellsUsed, cells: backend.capacity.cells, decodeUs,
      overheadUs: clock.nowUs() - beginUs - decodeUs - sampleUs,
      drafted: sum(({ drafted }) => drafted), accepted: sum(({ drafted, tokens }) => Math.min(drafted, tokens.length - 1)),
      ...(report.computing && { computing: report.computing }),
    };
  }

  #say(answer: Answer, result: StepResult | undefined, { batch, sinceUs }: { readonly batch: number; readonly sinceUs: number }): void {
    // Its request has ended with another of its answers.
    if (answer.sequence === null) return;
    const { backend, clock, pool, outbox, onFailed } = this.#options;
    const { job, choice } = answer;
    const { timeline, request: { id } } = job;
    if (result === undefined) {
      // Nothing to show yet, but a host that dies now leaves its trace up to here.
      outbox.add(id, { type: "text", choice, text: "", tokens: [], spans: timeline.take() });
      return;
    }
    job.idle(clock.nowUs());
    const index = answer.generated;
    const moment = { timeUs: result.sample.endUs, step: this.#step, batch, cells: answer.cached, poolCells: pool.cellsUsed };
    const addition = answer.take(result.tokens, (token, special) => backend.tokenBytes(token, special), moment);
    const [token] = result.tokens;
    // A debugged answer is guessed nothing for: one token a step.
    if (token !== undefined) job.debug?.took(token, { index, call: answer.call, sinceUs }, moment, (id) => backend.tokenBytes(id, true));
    const nowUs = clock.nowUs();
    timeline.mark("detokenize", nowUs, { index });
    // A step can take long, with others' prompts or a slow grammar in it: what it completed too late is no success.
    const late = job.tooLate(nowUs);
    if (late !== null) return onFailed(answer, late);
    this.#conclude(answer, addition);
  }

  #conclude(answer: Answer, { text, calls, tokens, over }: Addition): void {
    const { outbox, onOver } = this.#options;
    const { job: { timeline, request: { id } }, choice, drafted, accepted, generated, dropped } = answer;
    const recorded = answer.recorded?.[over === null ? "due" : "rest"]() ?? [];
    if (over === null || text !== "" || tokens.length > 0 || calls.length > 0) {
      outbox.add(id, { type: "text", choice, text, tokens, ...(calls.length > 0 && { calls }), ...(over === null && recorded.length > 0 && { recorded }), spans: timeline.take() });
    }
    if (over === null) return;
    outbox.add(id, { type: "finish", choice, reason: over, tokens: generated, dropped, speculation: { drafted, accepted }, ...(recorded.length > 0 && { recorded }), spans: timeline.take() });
    onOver(answer, over);
  }

  #failed(parts: readonly Part[], startUs: number, error: InfernoError): void {
    const endUs = this.#options.clock.nowUs();
    for (const { answer, item } of parts) {
      answer.job.idle(startUs);
      answer.decoded(item, undefined, this.#step, parts.length, endUs);
      // Nobody knows what of the batch is in the cache.
      answer.reusable = false;
    }
    for (const { answer } of parts) this.#options.onFailed(answer, error);
  }
}

const jobsOf = (parts: readonly Part[]): ReadonlySet<Job> => new Set(parts.map(({ answer }) => answer.job));

const draftedTokens = ({ drafts }: BatchItem): number => drafts?.reduce((sum, draft) => sum + draft.length, 0) ?? 0;
