import type { PlanItem, SchedulingPolicy, SequenceState } from "./plan.ts";

/**
 * Running answers first, one token each, so that a long prompt never stalls them for more than one step; what is left of
 * the budget goes to prompts, oldest first, in chunks. Nobody starves: only older requests come before a request, and they end.
 */
export const firstComeFirstServed: SchedulingPolicy = (sequences, budget) => {
  const oldestFirst = sequences.filter((it) => !it.paused && it.pending > 0).sort((a, b) => a.arrival - b.arrival);
  const plan: PlanItem[] = [];
  let left = budget.tokens;
  for (const it of [...oldestFirst.filter(isDecoding), ...oldestFirst.filter((it) => !isDecoding(it))]) {
    if (left === 0) break;
    const count = Math.min(it.pending, left);
    plan.push({ sequence: it.sequence, count, sample: count === it.pending });
    left -= count;
  }
  return plan;
};

/** One token behind a filled cache: an answer's last token (or a prompt's, which costs a step no more). */
const isDecoding = ({ cached, pending }: SequenceState): boolean => cached > 0 && pending === 1;
