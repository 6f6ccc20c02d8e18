import type { SchedulingPolicy } from "./plan.ts";

/**
 * One sequence a step, and prompts in pieces of `tokens` counted from their first: what the engine computes of a request are then the same
 * calls whatever else runs. The most urgent take turns.
 */
export const oneAtATime: SchedulingPolicy = (sequences, { tokens, lastSequence }) => {
  const able = sequences.filter((it) => !it.paused && it.pending > 0);
  const priority = Math.max(...able.map((it) => it.priority));
  const turns = able.filter((it) => it.priority === priority).toSorted((a, b) => a.sequence - b.sequence);
  const next = turns.find(({ sequence }) => lastSequence !== null && sequence > lastSequence) ?? turns[0];
  if (next === undefined) return [];
  const { sequence, cached, pending } = next;
  const count = Math.min(pending, tokens - (cached % tokens));
  return [{ sequence, count, sample: count === pending, drafts: 0 }];
};
