import { figuresOf } from "../../load/figures.ts";
import { prose } from "../../models/syllables.ts";
import { atLeast, atMost, row } from "../row.ts";
import type { Scenario } from "../scenario.ts";
import { column, versus } from "../versus.ts";

const [promptTokens, answerTokens] = [64, 64];

/** Streams that begin at the same moment, each with a prompt of its own. */
function streams(count: number): Scenario {
  const name = `streams-${count}`;
  return {
    name,
    about: `${count} requests at once, distinct prompts: ${promptTokens} tokens of prompt, ${answerTokens} of answer each`,
    run: async (bench) => {
      const runs = await versus(bench, { model: bench.model, parallel: count, context: 256 }, async (target, number) => {
        const asks = Array.from({ length: count }, (_, stream) => ({ prompt: prose(promptTokens, number * 1000 + stream), maxTokens: answerTokens }));
        return figuresOf(await bench.load.run({ target, asks }));
      });
      return [
        row({ scenario: name, figure: "all streams", unit: "tokens/s", ...column(runs, "tokensPerSecond"), bar: atLeast(1.2) }),
        row({ scenario: name, figure: "gap p95", unit: "ms", ...column(runs, "itlP95Ms"), bar: atMost(1) }),
        row({ scenario: name, figure: "longest gap", unit: "ms", ...column(runs, "itlMaxMs") }),
        row({ scenario: name, figure: "first token, mean", unit: "ms", ...column(runs, "ttftMeanMs") }),
        row({ scenario: name, figure: "first token, p95", unit: "ms", ...column(runs, "ttftP95Ms") }),
      ];
    },
  };
}

export const manyStreams = [4, 8, 16, 32].map(streams);
