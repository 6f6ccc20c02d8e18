export interface PromptPaceFacts {
  /** Most tokens of a step. */
  readonly batch: number;
  /** Answers that would wait for the end of a step; without any, it may take as long as it wants. */
  readonly decoding: number;
  /** Answers whose prompt is in work, and wait for their first token. */
  readonly prompting: number;
  /** Measured; null before the first of its kind. */
  readonly usPerPromptToken: number | null;
  readonly usPerDecodeStep: number | null;
}

/**
 * How long an answer may have to wait for its next token because of others' prompts. A reader notices less, but a chunk costs a gap whatever
 * its size: with fewer, longer chunks fewer tokens come late, and the prompts are done sooner.
 */
const targetGapUs = 1_000_000;
/** Whoever waits for a first token counts as much as who waits for the next; but nobody is forgotten for longer than this. */
const longestGapUs = 2_000_000;
/** On a slow machine a gap may be as long as this many steps without a prompt: else prompts would hardly move. */
const targetSteps = 3;
/** Smaller chunks read all weights for little work. */
const minimumChunk = 32;
/** Before anything was measured. */
const firstChunk = 128;

/** Prompt tokens that a step may take beside running answers, so that it ends before these have waited for too long. */
export function promptBudget({ batch, decoding, prompting, usPerPromptToken, usPerDecodeStep }: PromptPaceFacts): number {
  if (decoding === 0) return batch;
  if (usPerPromptToken === null || usPerPromptToken <= 0) return Math.min(batch, firstChunk);
  const decodeUs = usPerDecodeStep ?? 0;
  const crowd = Math.max(1, prompting / decoding);
  const gapUs = Math.max(Math.min(longestGapUs, targetGapUs * crowd), targetSteps * decodeUs);
  return Math.min(batch, Math.max(minimumChunk, Math.floor((gapUs - decodeUs) / usPerPromptToken)));
}
