import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { count, type Benchmark } from "../benchmark.ts";
import { ourSide } from "../engine/ours.ts";
import { atLeast, row, table, type Row } from "../engine/row.ts";
import { column, versus } from "../engine/versus.ts";
import { figuresOf } from "../load/figures.ts";
import { startLoadClient } from "../load/load.ts";
import { machine } from "../machine.ts";
import { benchModel, defaultCache } from "../models/cache.ts";
import { prose } from "../models/syllables.ts";

const [promptTokens, answerTokens] = [64, 128];
/** Recording may cost so much of the tokens a second. */
const bar = atLeast(0.98);

/** Two daemons that differ in `traces.tokens` only, in turn, with the same prompts. The number of threads is fixed: that it changes is not what is measured. */
export const recording: Benchmark = {
  name: "recording",
  about: "what recording every token costs: `traces.tokens` on against off, in turn, at 1 and at 16 streams",
  run: async (options) => {
    const rounds = count(options.rounds, 6);
    const threads = count(options.threads, availableParallelism());
    const model = options.model === undefined ? benchModel("135m", resolve(options.cache ?? defaultCache)) : resolve(options.model);
    const load = startLoadClient();
    const side = (tokens: boolean) => ourSide({ threads }, { tokens });
    const bench = { ours: side(true), daemon: true, peer: side(false), load, rounds, model, modelOf: () => model };
    const rows: Row[] = [];
    try {
      for (const streams of [1, 16]) {
        const runs = await versus(bench, { model, parallel: streams, context: 256 }, async (target, number) => {
          const asks = Array.from({ length: streams }, (_, stream) => ({ prompt: prose(promptTokens, number * 1000 + stream), maxTokens: answerTokens }));
          return figuresOf(await load.run({ target, asks }));
        });
        const figure = streams === 1 ? "decodeTokensPerSecond" : "tokensPerSecond";
        rows.push(row({ scenario: `${streams} streams`, figure: "recorded, and not", unit: "tokens/s", ...column(runs, figure), bar }));
        console.error(table(rows).at(-1));
      }
    } finally {
      load.stop();
    }
    const facts = machine();
    return {
      lines: [
        `recording: ${model}, ${threads} threads, ${rounds * 2} runs each in turn (A B B A), medians; "ours" records, "peer" does not`,
        `  ${Object.entries(facts).map(([key, value]) => `${key} ${value}`).join(", ")}`, "", ...table(rows),
      ],
      data: { machine: facts, model, rounds, threads, rows },
    };
  },
};
