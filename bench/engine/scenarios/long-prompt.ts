import { figuresOf } from "../../load/figures.ts";
import { prose } from "../../models/syllables.ts";
import { row } from "../row.ts";
import type { Scenario } from "../scenario.ts";
import { column, versus } from "../versus.ts";

const [streams, promptTokens, answerTokens, longTokens] = [4, 64, 160, 1500];

export const longPrompt: Scenario = {
  name: "long-prompt",
  about: `a prompt of ${longTokens} tokens arrives while ${streams} streams run: how long they stand still, and how long it waits`,
  run: async (bench) => {
    const runs = await versus(bench, { model: bench.model, parallel: streams + 1, context: 2048 }, async (target, number) => {
      const running = Array.from({ length: streams }, (_, stream) => ({ prompt: prose(promptTokens, number * 1000 + stream), maxTokens: answerTokens }));
      const long = { prompt: prose(longTokens, number), maxTokens: 8, afterMs: 1000 };
      const answers = await bench.load.run({ target, asks: [...running, long] });
      return { running: figuresOf(answers.slice(0, streams)), long: figuresOf(answers.slice(streams)) };
    });
    const side = (of: "running" | "long") => ({ ours: runs.ours.map((run) => run[of]), peer: runs.peer?.map((run) => run[of]) ?? null });
    const base = { scenario: "long-prompt", unit: "ms" };
    return [
      row({ ...base, figure: "longest gap of the others", ...column(side("running"), "itlMaxMs") }),
      row({ ...base, figure: "gap p95 of the others", ...column(side("running"), "itlP95Ms") }),
      row({ ...base, figure: "its first token", ...column(side("long"), "ttftMeanMs") }),
    ];
  },
};
