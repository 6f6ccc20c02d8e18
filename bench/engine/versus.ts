import { setTimeout as sleep } from "node:timers/promises";

import type { FigureName, Figures } from "../load/figures.ts";
import type { Target } from "../load/job.ts";
import { inTurn } from "../statistics.ts";
import type { Bench } from "./scenario.ts";
import type { Needs, Side } from "./side.ts";

/** Before each run: a server that has just answered still spins, and the other would take it for a busy neighbour. */
const restMs = 1500;

/** Runs of both sides, in pairs: the n-th of each had the same prompts. */
export interface Pair<T> {
  readonly ours: readonly T[];
  readonly peer: readonly T[] | null;
}

/**
 * Starts both servers, warms each with one run, and measures them in turn. `run` gets the number of the run, from which it makes its prompts:
 * both sides get the same, and no side gets the same twice.
 */
export async function versus<T>(bench: Bench, needs: Needs, run: (target: Target, number: number) => Promise<T>): Promise<Pair<T>> {
  const sides: Side[] = [];
  try {
    const ours = await bench.ours(needs);
    sides.push(ours);
    const peer = await bench.peer?.(needs);
    if (peer !== undefined) sides.push(peer);
    for (const side of sides) await run(side.target, 0);
    let [ourRuns, peerRuns] = [0, 0];
    const rested = async (target: Target, number: number): Promise<T> => {
      await sleep(restMs);
      return await run(target, number);
    };
    const { a, b } = await inTurn(bench.rounds, () => rested(ours.target, ++ourRuns), async () => (peer === undefined ? null : await rested(peer.target, ++peerRuns)));
    return { ours: a, peer: peer === undefined ? null : b.filter((value) => value !== null) };
  } finally {
    for (const side of sides) await side.stop();
  }
}

/** One figure of all runs, as a row wants it. */
export function column({ ours, peer }: Pair<Figures>, name: FigureName): { ours: number[]; peer: number[] | null } {
  return { ours: ours.map((run) => run[name]), peer: peer?.map((run) => run[name]) ?? null };
}
