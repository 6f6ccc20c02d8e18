export interface PromptPaceFacts {
  /** Most tokens of a step. */
  readonly batch: number;
  /** Answers that run; without any, nobody waits for the end of a step. */
  readonly running: number;
  /** Measured; null before the first of its kind. */
  readonly usPerPromptToken: number | null;
  readonly usPerDecodeStep: number | null;
}

/** A reader notices gaps between tokens from about here on. */
const targetGapUs = 100_000;
/** On a slow machine a gap may be as long as this many steps without a prompt: else prompts would hardly move. */
const targetSteps = 3;
/** Smaller chunks read all weights for little work. */
const minimumChunk = 32;
/** Before anything was measured. */
const firstChunk = 128;

/** Prompt tokens that a step may take beside running answers, so that it ends before these have waited for too long. */
export function promptBudget({ batch, running, usPerPromptToken, usPerDecodeStep }: PromptPaceFacts): number {
  if (running === 0) return batch;
  if (usPerPromptToken === null || usPerPromptToken <= 0) return Math.min(batch, firstChunk);
  const decodeUs = usPerDecodeStep ?? 0;
  const leftUs = Math.max(targetGapUs, targetSteps * decodeUs) - decodeUs;
  return Math.min(batch, Math.max(minimumChunk, Math.floor(leftUs / usPerPromptToken)));
}
