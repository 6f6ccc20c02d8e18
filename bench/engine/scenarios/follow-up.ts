import { figuresOf } from "../../load/figures.ts";
import { prose } from "../../models/syllables.ts";
import { atMost, row } from "../row.ts";
import type { Scenario } from "../scenario.ts";
import { column, versus } from "../versus.ts";

const [openingTokens, answerTokens, questionTokens] = [950, 50, 32];

export const followUp: Scenario = {
  name: "follow-up",
  about: `the next turn of a conversation of ${openingTokens + answerTokens} tokens that the server has just answered`,
  run: async (bench) => {
    const runs = await versus(bench, { model: bench.model, parallel: 1, context: 2048 }, async (target, number) => {
      const opening = prose(openingTokens, number);
      const [first] = await bench.load.run({ target, asks: [{ prompt: opening, maxTokens: answerTokens }] });
      const prompt = opening + (first?.text ?? "") + prose(questionTokens, number + 1000);
      return figuresOf(await bench.load.run({ target, asks: [{ prompt, maxTokens: 16 }] }));
    });
    return [
      row({ scenario: "follow-up", figure: "first token", unit: "ms", ...column(runs, "ttftMeanMs"), bar: atMost(1) }),
      row({ scenario: "follow-up", figure: "reused", unit: "tokens", ...column(runs, "cachedTokens") }),
    ];
  },
};
