import { figuresOf } from "../../load/figures.ts";
import { prose } from "../../models/syllables.ts";
import { atLeast, row } from "../row.ts";
import type { Scenario } from "../scenario.ts";
import { column, versus } from "../versus.ts";

const [promptTokens, answerTokens] = [512, 128];

export const oneStream: Scenario = {
  name: "one-stream",
  about: `one request at a time: ${promptTokens} tokens of prompt, ${answerTokens} of answer`,
  run: async (bench) => {
    const runs = await versus(bench, { model: bench.model, parallel: 1, context: 1024 }, async (target, number) => {
      const asks = [{ prompt: prose(promptTokens, number), maxTokens: answerTokens }];
      return figuresOf(await bench.load.run({ target, asks }));
    });
    const base = { scenario: "one-stream", unit: "tokens/s" };
    return [
      row({ ...base, figure: "decode", ...column(runs, "decodeTokensPerSecond"), bar: atLeast(1) }),
      row({ ...base, figure: "prefill", ...column(runs, "prefillTokensPerSecond"), bar: atLeast(1) }),
    ];
  },
};
