import type { VictimPolicy, VictimState } from "./plan.ts";

/**
 * One that is paused, if any; else the least urgent, and among those the youngest: so the oldest of the highest priority always goes on, and
 * everybody becomes that one day.
 */
export const victim: VictimPolicy = (running) => {
  if (running.length < 2) return null;
  return running.reduce((last, it) => (goesBefore(it, last) ? it : last)).sequence;
};

function goesBefore(a: VictimState, b: VictimState): boolean {
  if (a.paused !== b.paused) return a.paused;
  return a.priority < b.priority || (a.priority === b.priority && a.arrival > b.arrival);
}
