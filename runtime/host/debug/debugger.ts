import { InfernoError } from "../../../protocol/errors.ts";
import type { Backend } from "../../backends/backend.ts";
import type { Answer } from "../answer.ts";
import { decodeFailure } from "../decode-failure.ts";
import type { Job } from "../job.ts";
import type { DebugProgress, Fork, GenerateRequest } from "../messages.ts";
import type { SequencePool } from "../sequence-pool.ts";
import { Debugged, impossible, type Resumption, type SavedState } from "./debugged.ts";

/** Bytes of the states of answers that are over. */
const mostKept = 2 ** 30;

export interface DebuggerOptions {
  readonly backend: Backend;
  readonly pool: SequencePool;
}

/** The requests of a model that are, or were, under a debugger. */
export class Debugger {
  readonly #options: DebuggerOptions;
  readonly #debugged = new Map<string, Debugged>();

  constructor(options: DebuggerOptions) {
    this.#options = options;
  }

  /** Adapters of requests that somebody may yet go on from. */
  get adapters(): Job["adapters"] {
    return [...this.#debugged.values()].flatMap(({ job: { adapters } }) => adapters);
  }

  /** From now on the request stops after so many tokens. */
  begin(job: Job, answer: Answer, tokens: number): Debugged {
    const debugged = new Debugged(job, answer, tokens);
    job.debug = debugged;
    this.#debugged.set(job.request.id, debugged);
    return debugged;
  }

  find(id: string): Debugged {
    const found = this.#debugged.get(id);
    if (found === undefined) throw impossible("The request is not under the debugger: it was never, or its session has ended.");
    return found;
  }

  /** Tells those who wait that their request stands; the requests that have just come to stand. */
  settle(): Debugged[] {
    return [...this.#debugged.values()].filter((debugged) => debugged.settle());
  }

  /** Its answer is over: keeps the state that others may go on from. Before its sequence goes. */
  over({ job, sequence, swapped, cached, tokens, reusable }: Answer, how: NonNullable<DebugProgress["over"]>): void {
    if (job.debug === null) return;
    job.debug.finished(how, reusable ? (swapped ?? this.#save(sequence, cached, tokens)) : null);
    let bytes = 0;
    for (const debugged of [...this.#debugged.values()].reverse()) {
      bytes += debugged.kept?.bytes.length ?? 0;
      if (bytes > mostKept) debugged.kept = null;
    }
  }

  /** What the request's first answer begins with. Throws `debug_impossible` when it cannot go on from there. */
  resume({ of, token, choose, changed }: Fork, { params }: GenerateRequest): { readonly parent: Job; readonly resumption: Resumption } {
    const debugged = this.find(of);
    const { job, answer } = debugged;
    const { truncates } = this.#options.backend.capacity;
    const prompt = job.prompt.tokens.length;
    if (token > answer.generated) throw impossible(`The answer has ${answer.generated} tokens: there is no token ${token} to choose otherwise.`);
    if (answer.dropped > 0) throw impossible("The answer's context was shifted (`overflow: shift`): its earlier states are gone.");
    const ids = answer.tokens.slice(prompt, prompt + token);
    const state = answer.swapped ?? (answer.sequence === null ? debugged.kept : this.#save(answer.sequence, answer.cached, answer.tokens));
    if (state === null) throw impossible(`The state of the answer is no longer there: states of answers that are over take at most ${mostKept / 2 ** 20} MiB, and the engine must be able to save them.`);
    const needed = prompt + token - 1;
    if (state.length < needed) throw impossible("The prompt has not been computed yet.");
    if (state.length > needed && !truncates) throw impossible("This model's state is recurrent and cannot go back: only its latest token can be chosen otherwise.");
    const { grammar } = job.prompt.params;
    const sampler = debugged.samplerFor(token, changed ? { params: { ...params, grammar }, history: [...job.prompt.tokens, ...ids] } : undefined, choose);
    return { parent: job, resumption: { ids, state, sampler } };
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) {
      const debugged = this.#debugged.get(id);
      if (debugged === undefined) continue;
      if (!debugged.isOver) throw new InfernoError("debug_busy", `Request ${id} is in work: it has to be cancelled or released first.`);
      debugged.dispose();
      this.#debugged.delete(id);
    }
  }

  /** It goes on as if nothing had been. */
  release(id: string): void {
    const debugged = this.find(id);
    debugged.stop();
    debugged.settle();
    debugged.job.debug = null;
    debugged.dispose();
    this.#debugged.delete(id);
  }

  dispose(): void {
    for (const debugged of this.#debugged.values()) {
      debugged.stop();
      debugged.settle();
      debugged.dispose();
    }
    this.#debugged.clear();
  }

  #save(sequence: number | null, cached: number, tokens: readonly number[]): SavedState | null {
    if (sequence === null || cached === 0) return null;
    try {
      const bytes = this.#options.pool.snapshot(sequence, cached, tokens);
      return bytes === null ? null : { bytes, length: cached };
    } catch (error) {
      throw decodeFailure("to save the answer's state", error);
    }
  }
}
