import { join } from "node:path";
import { atMost, row } from "../../engine/row.ts";
import { inTurn, median } from "../../statistics.ts";
import type { EmbedJob, EmbedTimes } from "../embed-client.ts";
import { startLineProcess } from "../line-process.ts";
import { miniLmFolder, startMiniLm } from "../minilm.ts";
import type { OnnxScenario } from "../scenario.ts";

const sentence = "The committee agreed that the old railway bridge across the river should be repaired before the winter storms begin.";
const times = 100;

export const oneSentence: OnnxScenario = {
  name: "one-sentence",
  about: "one warm sentence at a time over HTTP; peer: the tokenizer and a bare session.run, in its own process",
  run: async ({ rounds, threads }) => {
    const texts = Array.from({ length: times }, () => sentence);
    const client = startLineProcess(join(import.meta.dirname, "../embed-client.ts"));
    const peer = startLineProcess(join(import.meta.dirname, "../../peers/bare-session.ts"), [miniLmFolder, String(threads)]);
    const daemon = await startMiniLm(threads);
    const ours = async (): Promise<number> => median((await client.ask<EmbedTimes>({ target: daemon.target, texts, clients: 1 } satisfies EmbedJob)).eachMs);
    const theirs = async (): Promise<number> => median((await peer.ask<EmbedTimes>({ texts })).eachMs);
    try {
      await ours();
      await theirs();
      const { a, b } = await inTurn(rounds, ours, theirs);
      return [row({ scenario: "one-sentence", figure: "p50", unit: "ms", ours: a, peer: b, bar: atMost(1.1) })];
    } finally {
      await Promise.all([client.stop(), peer.stop(), daemon.stop()]);
    }
  },
};
