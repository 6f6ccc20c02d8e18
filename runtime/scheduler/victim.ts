import type { VictimPolicy } from "./plan.ts";

/** The least urgent, and among those the youngest: so the oldest of the highest priority always goes on, and everybody becomes that one day. */
export const victim: VictimPolicy = (running) => {
  if (running.length < 2) return null;
  return running.reduce((last, it) => (it.priority < last.priority || (it.priority === last.priority && it.arrival > last.arrival) ? it : last)).sequence;
};
