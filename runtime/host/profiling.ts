import type { Clock } from "../../base/clock.ts";
import type { SpanAttributes } from "../../protocol/trace.ts";
import type { EngineOperation, MachineLimits, OperationProfiler, StepProfile, StepReport } from "../backends/backend.ts";
import type { Answer } from "./answer.ts";
import type { Job } from "./job.ts";
import { mostOperations } from "./recording.ts";

/** Records steps operation by operation, for the requests that ask for it. The engine is ready for that only as long as somebody does. */
export class Profiling {
  readonly #profiler: OperationProfiler | undefined;
  readonly #clock: Clock;
  #isReady = false;

  constructor(profiler: OperationProfiler | undefined, clock: Clock) {
    this.#profiler = profiler;
    this.#clock = clock;
  }

  /** Before a step of these answers: whether to record it. `running`: all that may have a next step. */
  before(answers: readonly Answer[], running: Iterable<Answer>): boolean {
    const wanted = answers.some(wants);
    if (wanted && !this.#isReady) this.#begin(answers);
    else if (this.#isReady && !wanted && ![...running].some(wants)) this.#end(answers);
    return wanted;
  }

  /** What the step's span says of it, by request; its operations lie beside that span. */
  after(answers: readonly Answer[], { profile }: StepReport): ReadonlyMap<Job, SpanAttributes> {
    const noted = new Map<Job, SpanAttributes>();
    for (const { job, generated } of answers) {
      const { recording, timeline } = job;
      if (noted.has(job) || recording === null || !recording.covers(generated)) continue;
      if (recording.isFull) {
        noted.set(job, { profiled: false, profileLimit: mostOperations });
      } else if (profile !== undefined) {
        recording.add(profile.operations.length);
        for (const operation of profile.operations) timeline.beside({ name: "operation", ...spanOf(operation) });
        noted.set(job, factsOf(profile));
      }
    }
    return noted;
  }

  /** Nobody is in work any more. */
  rest(): void {
    if (this.#isReady) this.#end([]);
  }

  #begin(answers: readonly Answer[]): void {
    const startUs = this.#clock.nowUs();
    const facts = this.#profiler?.begin();
    this.#isReady = true;
    const limits = facts?.limits;
    this.#charge(answers, startUs, { begins: true, movedBytes: facts?.movedBytes ?? 0, ...(limits && limitsOf(limits)) });
  }

  #end(answers: readonly Answer[]): void {
    const startUs = this.#clock.nowUs();
    this.#profiler?.end();
    this.#isReady = false;
    this.#charge(answers, startUs, { begins: false });
  }

  /** To others this is a wait. */
  #charge(answers: readonly Answer[], startUs: number, attributes: SpanAttributes): void {
    const endUs = this.#clock.nowUs();
    for (const job of new Set(answers.map(({ job }) => job))) {
      if (job.recording === null) continue;
      job.idle(startUs);
      job.timeline.mark("instrument", endUs, attributes);
    }
  }
}

const wants = ({ job: { recording }, generated }: Answer): boolean => recording?.wants(generated) ?? false;

const limitsOf = ({ gbPerS, gflopPerS, threads, device, disturbed }: MachineLimits): SpanAttributes => ({ gbPerS, gflopPerS, threads, device, ...(disturbed && { disturbed }) });

/** `instrumentUs`: of the step's time what it would not have taken unrecorded, as far as that can be told from within. */
function factsOf({ operations, threads, emptyUs, betweenUs }: StepProfile): SpanAttributes {
  const instrumentUs = Math.round(betweenUs + operations.length * (emptyUs ?? 0));
  return { profiled: true, operations: operations.length, threads, instrumentUs, ...(emptyUs !== null && { emptyUs }) };
}

function spanOf({ startUs, endUs, name, operator, provider, shapes = "", type, bytes, flops, layer, weight }: EngineOperation) {
  const attributes = {
    name, operator, provider, shapes, type, bytes, ...(flops !== undefined && { flops }), ...(layer !== undefined && { layer }), ...(weight !== undefined && { weight }),
  };
  return { startUs, endUs, attributes };
}
