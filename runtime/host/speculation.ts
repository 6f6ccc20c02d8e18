import type { StepResult } from "../backends/backend.ts";
import type { Answer } from "./answer.ts";

/** Guesses of what comes next, for the host's loop. */
export interface Speculation {
  /** How many tokens to guess for this answer in the next step, if there is room; 0 for none. */
  wanted(answer: Answer): number;
  /** Guesses for all these answers at once, each at most `most` tokens long; different continuations, best first. */
  propose(asked: readonly { readonly answer: Answer; readonly most: number }[]): readonly (readonly (readonly number[])[])[];
  /** What came of a step with `width` tokens over all sequences that took `us` microseconds. */
  observe(answer: Answer, result: StepResult, step: { readonly width: number; readonly us: number }): void;
  forget(answer: Answer): void;
  dispose(): void;
}

export const noSpeculation: Speculation = {
  wanted: () => 0,
  propose: (asked) => asked.map(() => []),
  observe: () => {},
  forget: () => {},
  dispose: () => {},
};
