import type { Answer } from "./answer.ts";
import type { SequencePool } from "./sequence-pool.ts";

/** Tokens that stay at the front: a quarter of the context, or the prompt where that is shorter. There the instructions are. */
const keptShare = 1 / 4;

/**
 * With `overflow: shift`, an answer whose context is full forgets the older half of what comes behind its beginning
 * (StreamingLLM, Xiao et al. 2023, arXiv 2309.17453). False where the model's positions cannot be moved: the answer ends with its context.
 */
export function shiftIfFull(answer: Answer, pool: SequencePool, context: number): boolean {
  const { sequence, cached, tokens, job } = answer;
  if (sequence === null || tokens.length <= context) return true;
  const keep = Math.min(Math.floor(context * keptShare), job.prompt.tokens.length);
  const discard = Math.ceil((cached - keep) / 2);
  if (!pool.shift(sequence, keep, discard)) return false;
  answer.shifted(keep, discard);
  return true;
}
