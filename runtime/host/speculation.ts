import { InfernoError } from "../../protocol/errors.ts";
import type { Backend, BatchItem, LoadBackend, LoadOptions, StepResult } from "../backends/backend.ts";
import type { ModelMemory } from "../../protocol/model.ts";
import { draftOptions } from "../speculation/draft-options.ts";
import { DraftModel } from "../speculation/draft-model.ts";
import type { DraftRequest } from "../speculation/drafter.ts";
import { NgramDrafter } from "../speculation/ngram-drafter.ts";
import { assertSameVocabulary } from "../speculation/same-vocabulary.ts";
import { Speculator, type MeasuredStep } from "../speculation/speculator.ts";
import type { Answer } from "./answer.ts";
import type { HostOptions } from "./messages.ts";

/** Guesses of what comes next, for the host's loop. */
export interface Speculation {
  /** How many tokens to guess for this answer in the next step, if there is room; 0 for none. */
  wanted(answer: Answer): number;
  /** Guesses for all these answers at once, each at most `most` tokens, candidates together; different continuations, best first. */
  propose(asked: readonly { readonly answer: Answer; readonly most: number }[]): readonly (readonly (readonly number[])[])[];
  /** How long a step took; once per step, before what came of it. */
  measured(step: MeasuredStep): void;
  /** What came of a step for one answer. */
  observe(answer: Answer, item: BatchItem, result: StepResult): void;
  forget(answer: Answer): void;
  /** The draft model's; null without one. */
  readonly memoryUse: ModelMemory | null;
  dispose(): void;
}

export const noSpeculation: Speculation = {
  wanted: () => 0,
  propose: (asked) => asked.map(() => []),
  measured: () => {},
  observe: () => {},
  forget: () => {},
  memoryUse: null,
  dispose: () => {},
};

/** The speculation that a model's configuration asks for. */
export async function createSpeculation(options: HostOptions["speculation"], backend: Backend, load: Omit<LoadOptions, "onProgress">, loadBackend: LoadBackend): Promise<Speculation> {
  const { mode, maxTokens, candidates } = options;
  if (mode === "off" || !backend.capacity.truncates) return noSpeculation;
  const draft = mode === "draft" ? await loadDraftModel(options.draft, backend, load, loadBackend) : null;
  const speculator = new Speculator(draft?.drafter ?? new NgramDrafter(Math.min(candidates, backend.capacity.candidates)), maxTokens);
  const { context } = backend.capacity;
  const request = (answer: Answer, most: number): DraftRequest => ({ id: answer.arrival, tokens: answer.tokens, most });
  return {
    wanted: (answer) => {
      const { tokens, cached, generated, job } = answer;
      if (job.paused || !job.request.speculate || tokens.length - cached !== 1) return 0;
      // Behind the end of the context or of the answer nothing is worth a guess.
      return speculator.wanted(request(answer, Math.min(context - tokens.length, job.prompt.limit - generated - 1)));
    },
    propose: (asked) => speculator.propose(asked.map(({ answer, most }) => request(answer, most))),
    measured: (step) => speculator.measured(step),
    observe: (answer, { drafts = [] }, { drafted, tokens }) =>
      speculator.observe(answer.arrival, { guessed: drafts.flat().length, drafted, accepted: Math.min(drafted, tokens.length - 1) }),
    forget: (answer) => speculator.forget(answer.arrival),
    memoryUse: draft?.memoryUse ?? null,
    dispose: () => speculator.dispose(),
  };
}

async function loadDraftModel(path: string | null, target: Backend, load: Omit<LoadOptions, "onProgress">, loadBackend: LoadBackend) {
  if (path === null) throw new InfernoError("model_load_failed", "Speculation with `mode: draft` needs a draft model.", { param: "speculation.draft" });
  const draft = await loadBackend(draftOptions(load, path, target.capacity.context));
  try {
    assertSameVocabulary(target, draft);
    const drafter = new DraftModel(draft, target.model.vocabulary, (message) => console.error(message));
    return { drafter, memoryUse: draft.memoryUse };
  } catch (error) {
    draft.dispose();
    throw error;
  }
}
