import { prose } from "../../models/syllables.ts";
import { mirrored } from "../../statistics.ts";
import { growth, metricsOf } from "../metrics.ts";
import { atMost, row } from "../row.ts";
import type { Scenario } from "../scenario.ts";

const [promptTokens, answerTokens, batch] = [64, 64, 512];

/** Equal streams need as many steps as one of them, and those in which prompts are read; two more while the requests trickle in. */
const stepsFor = (streams: number): number => answerTokens + Math.ceil((streams * promptTokens) / batch) + 2;

export const steps: Scenario = {
  name: "steps",
  about: "decode calls for equal streams, and our own time in a step beside the engine's (from /metrics)",
  oursOnly: true,
  run: async ({ ours, load, rounds, model }) => {
    const rows = [];
    for (const streams of [1, 8]) {
      const side = await ours({ model, parallel: streams, context: 256, settings: { batch } });
      try {
        let number = 0;
        const [runs = []] = await mirrored(rounds, [async () => {
          const before = await metricsOf(side.target);
          const asks = Array.from({ length: streams }, (_, stream) => ({ prompt: prose(promptTokens, ++number * 1000 + stream), maxTokens: answerTokens }));
          await load.run({ target: side.target, asks });
          const after = await metricsOf(side.target);
          const grown = (name: string): { count: number; sum: number } => growth(before, after, name, "bench");
          const [width, overhead] = [grown("inferno_batch_sequences"), grown("inferno_step_overhead_ratio")];
          return { calls: width.count, width: width.sum / width.count, overhead: (100 * overhead.sum) / overhead.count };
        }]);
        const base = { scenario: "steps", peer: null, absolute: true };
        const streamsText = streams === 1 ? "1 stream" : `${streams} streams`;
        rows.push(
          row({ ...base, figure: `decode calls, ${streamsText}`, unit: "", ours: runs.map(({ calls }) => calls), bar: atMost(stepsFor(streams)) }),
          row({ ...base, figure: `answers in a step, ${streamsText}`, unit: "", ours: runs.map(({ width }) => width) }),
          row({ ...base, figure: `our own time, ${streamsText}`, unit: "%", ours: runs.map(({ overhead }) => overhead), bar: atMost(3) }),
        );
      } finally {
        await side.stop();
      }
    }
    return rows;
  },
};
