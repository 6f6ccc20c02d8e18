import { figuresOf } from "../../load/figures.ts";
import { prose } from "../../models/syllables.ts";
import { atMost, row } from "../row.ts";
import type { Scenario } from "../scenario.ts";
import { column, versus } from "../versus.ts";

const [requests, prefixTokens, ownTokens, answerTokens] = [16, 512, 8, 16];

export const sharedPrefix: Scenario = {
  name: "shared-prefix",
  about: `${requests} requests at once whose first ${prefixTokens} tokens are the same and new to the server`,
  run: async (bench) => {
    const runs = await versus(bench, { model: bench.model, parallel: requests, context: 768 }, async (target, number) => {
      // Another prefix for every run, or the second would find the first one's in the cache.
      const prefix = prose(prefixTokens, number);
      const asks = Array.from({ length: requests }, (_, own) => ({ prompt: prefix + prose(ownTokens, number * 1000 + own), maxTokens: answerTokens }));
      return figuresOf(await bench.load.run({ target, asks }));
    });
    const base = { scenario: "shared-prefix" };
    return [
      row({ ...base, figure: "last first token", unit: "ms", ...column(runs, "ttftLastMs"), bar: atMost(0.125) }),
      row({ ...base, figure: "first token, mean", unit: "ms", ...column(runs, "ttftMeanMs") }),
      row({ ...base, figure: "reused", unit: "tokens", ...column(runs, "cachedTokens") }),
    ];
  },
};
