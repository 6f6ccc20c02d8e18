import { isDecoding } from "./is-decoding.ts";
import { byUrgency } from "./order.ts";
import type { PlanItem, SchedulingPolicy } from "./plan.ts";

/** Prompt tokens for which guesses leave room: a guess may be wrong, a prompt token is always needed. */
const promptReserve = 32;

/**
 * Running answers first, one token each, so that streams of equal length take their steps together from first to last; then their guesses;
 * what is left goes to prompts in chunks. Within each, higher priority and then age decide. Nobody starves: only more urgent requests come
 * before one, and they end.
 */
export const batching: SchedulingPolicy = (sequences, { tokens, promptTokens, lastAdapters }) => {
  const able = sequences.filter((it) => !it.paused && it.pending > 0);
  const adapters = nextInTurn(able.map((it) => it.adapters), lastAdapters);
  const ours = byUrgency(able.filter((it) => it.adapters === adapters));
  const answers = ours.filter(isDecoding).slice(0, tokens);
  const prompts = ours.filter((it) => !isDecoding(it));

  let left = tokens - answers.length;
  const wanted = prompts.reduce((sum, it) => sum + it.pending, 0);
  // With nobody to keep waiting a prompt may have the whole step.
  let promptLeft = Math.min(left, wanted, answers.length > 0 ? promptTokens : tokens);
  let draftLeft = left - Math.min(promptLeft, promptReserve);
  const plan: PlanItem[] = answers.map(({ sequence, drafts: most }) => {
    const drafts = Math.min(most, draftLeft);
    draftLeft -= drafts;
    left -= drafts;
    return { sequence, count: 1, sample: true, drafts };
  });
  promptLeft = Math.min(promptLeft, left);
  for (const { sequence, pending } of prompts) {
    if (promptLeft === 0) break;
    const count = Math.min(pending, promptLeft);
    plan.push({ sequence, count, sample: count === pending, drafts: 0 });
    promptLeft -= count;
  }
  return plan;
};

/** The set after the last one, in a fixed order and round again. */
function nextInTurn(sets: readonly string[], last: string | null): string | undefined {
  const order = [...new Set(sets)].sort();
  return order.find((it) => last !== null && it > last) ?? order[0];
}
