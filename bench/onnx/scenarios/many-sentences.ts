import { join } from "node:path";
import { atLeast, row } from "../../engine/row.ts";
import { mirrored } from "../../statistics.ts";
import type { EmbedJob, EmbedTimes } from "../embed-client.ts";
import { startLineProcess } from "../line-process.ts";
import { miniLmFolder, startMiniLm } from "../minilm.ts";
import type { OnnxScenario } from "../scenario.ts";
import { sentences } from "../sentences.ts";
import type { TransformersJob } from "../../peers/transformers.ts";

const [count, clients] = [1000, 32];

/** The daemon does HTTP beside, the peer is called in its own process. Texts of a list are padded to its longest, which costs the peer more than it saves. */
export const manySentences: OnnxScenario = {
  name: "many-sentences",
  about: `${count} sentences of 3 to 60 words from ${clients} clients, each with one at a time; peer: @huggingface/transformers in its own process`,
  run: async ({ rounds, threads }) => {
    const texts = sentences(count, 1);
    const client = startLineProcess(join(import.meta.dirname, "../embed-client.ts"));
    const peer = startLineProcess(join(import.meta.dirname, "../../peers/transformers.ts"), [miniLmFolder, String(threads)]);
    const daemon = await startMiniLm(threads);
    const ours = async (some = texts): Promise<number> => {
      const { ms } = await client.ask<EmbedTimes>({ target: daemon.target, texts: some, clients } satisfies EmbedJob);
      return some.length / (ms / 1000);
    };
    const theirs = async (callers: number | null, some = texts): Promise<number> => {
      const { ms } = await peer.ask<{ ms: number }>({ texts: some, callers } satisfies TransformersJob);
      return some.length / (ms / 1000);
    };
    try {
      const warm = texts.slice(0, 100);
      await ours(warm);
      await theirs(clients, warm);
      const [daemonRuns = [], callerRuns = [], listRuns = []] = await mirrored(rounds, [() => ours(), () => theirs(clients), () => theirs(null)]);
      return [
        row({ scenario: "many-sentences", figure: `peer with ${clients} callers`, unit: "texts/s", ours: daemonRuns, peer: callerRuns, bar: atLeast(2) }),
        row({ scenario: "many-sentences", figure: "peer with lists of 32", unit: "texts/s", ours: daemonRuns, peer: listRuns, bar: atLeast(2) }),
      ];
    } finally {
      await Promise.all([client.stop(), peer.stop(), daemon.stop()]);
    }
  },
};
