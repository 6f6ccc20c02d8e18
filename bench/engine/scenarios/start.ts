import { inTurn } from "../../statistics.ts";
import { atMost, row } from "../row.ts";
import type { Scenario } from "../scenario.ts";
import type { StartSide } from "../side.ts";

export const start: Scenario = {
  name: "start",
  about: "from the server's start to its first token, model load included",
  run: async ({ ours, peer, model, rounds }) => {
    const time = (side: StartSide) => async (): Promise<number | null> => {
      const running = await side({ model, parallel: 4, context: 1024 });
      await running.stop();
      return running.startMs;
    };
    // The files are in the page cache then, and our programs compiled.
    await time(ours)();
    const { a, b } = await inTurn(rounds, time(ours), peer === null ? () => Promise.resolve(null) : time(peer));
    const [our, theirs] = [a, b].map((times) => times.filter((value) => value !== null)) as [number[], number[]];
    return [row({ scenario: "start", figure: "to the first token", unit: "ms", ours: our, peer: theirs.length === 0 ? null : theirs, bar: atMost(1.1) })];
  },
};
