import { spawn } from "node:child_process";
import { figuresOf } from "../../load/figures.ts";
import { prose } from "../../models/syllables.ts";
import { row } from "../row.ts";
import type { Scenario } from "../scenario.ts";
import { column, versus } from "../versus.ts";

/** One neighbour that never pauses, as a compiler or a test run is one. */
function busyNeighbour(): () => void {
  const child = spawn(process.execPath, ["-e", "for (;;) {}"], { stdio: "ignore" });
  return () => child.kill("SIGKILL");
}

export const contention: Scenario = {
  name: "contention",
  about: "one stream while another program keeps one core busy",
  run: async (bench) => {
    const runs = await versus(bench, { model: bench.model, parallel: 1, context: 1024 }, async (target, number) => {
      const end = busyNeighbour();
      try {
        return figuresOf(await bench.load.run({ target, asks: [{ prompt: prose(64, number), maxTokens: 64 }] }));
      } finally {
        end();
      }
    });
    return [
      row({ scenario: "contention", figure: "decode", unit: "tokens/s", ...column(runs, "decodeTokensPerSecond") }),
      row({ scenario: "contention", figure: "longest gap", unit: "ms", ...column(runs, "itlMaxMs") }),
    ];
  },
};
