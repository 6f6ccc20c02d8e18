import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { Client } from "../../protocol/client/index.ts";
import { count, type Benchmark } from "../benchmark.ts";
import { ourSide } from "../engine/ours.ts";
import { atLeast, atMost, row, table, type Row } from "../engine/row.ts";
import { versus } from "../engine/versus.ts";
import { figuresOf } from "../load/figures.ts";
import type { Target } from "../load/job.ts";
import { startLoadClient } from "../load/load.ts";
import { machine } from "../machine.ts";
import { benchModel, defaultCache } from "../models/cache.ts";
import { prose } from "../models/syllables.ts";
import { median } from "../statistics.ts";

const promptTokens = 64;
/** Streams, and the length of their answers. */
const cases = [[1, 128], [16, 64]] as const;

interface Run {
  /** Seen by the client, as everywhere. */
  readonly tokensPerSecond: number;
  /** Of the traces: from one choice of a token to the next, and the choice itself, in microseconds. Medians bear a neighbour who takes the processor now and then. */
  readonly stepUs: number;
  readonly sampleUs: number;
}

/** The spans of the latest traces say where the time went. */
async function spansOf({ url, token }: Target, streams: number): Promise<Pick<Run, "stepUs" | "sampleUs">> {
  const client = new Client({ url, token: token ?? "" });
  const { traces } = await client.call("traces", { query: { limit: streams } });
  const samples = await Promise.all(traces.map(async ({ id }) => (await client.call("trace", { params: { id } })).spans.filter(({ name }) => name === "sample")));
  const ends = samples.map((of) => of.map(({ startUs, durationUs }) => startUs + durationUs));
  return {
    stepUs: median(ends.flatMap((of) => of.slice(1).map((end, index) => end - of[index]!))),
    sampleUs: median(samples.flatMap((of) => of.slice(1).map(({ durationUs }) => durationUs))),
  };
}

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
      for (const [streams, answerTokens] of cases) {
        const runs = await versus(bench, { model, parallel: streams, context: 256 }, async (target, number): Promise<Run> => {
          const asks = Array.from({ length: streams }, (_, stream) => ({ prompt: prose(promptTokens, number * 1000 + stream), maxTokens: answerTokens }));
          const figures = figuresOf(await load.run({ target, asks }));
          return { tokensPerSecond: streams === 1 ? figures.decodeTokensPerSecond : figures.tokensPerSecond, ...(await spansOf(target, streams)) };
        });
        const of = (name: keyof Run) => ({ ours: runs.ours.map((run) => run[name]), peer: runs.peer?.map((run) => run[name]) ?? null });
        const scenario = `${streams} streams`;
        rows.push(
          row({ scenario, figure: "all streams", unit: "tokens/s", ...of("tokensPerSecond"), bar: atLeast(0.98) }),
          row({ scenario, figure: "a step, median", unit: "µs", ...of("stepUs"), bar: atMost(1.02) }),
          row({ scenario, figure: "a choice, median", unit: "µs", ...of("sampleUs") }),
        );
        console.error(table(rows).slice(-3).join("\n"));
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
