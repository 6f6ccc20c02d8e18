import { join } from "node:path";
import type { Client } from "../../../protocol/client/index.ts";
import type { SpanName } from "../../../protocol/trace.ts";
import { atMost, row } from "../../engine/row.ts";
import { inTurn, median, sum } from "../../statistics.ts";
import type { EmbedJob, EmbedTimes } from "../embed-client.ts";
import { startLineProcess } from "../line-process.ts";
import { miniLmFolder, startMiniLm } from "../minilm.ts";
import type { OnnxScenario } from "../scenario.ts";

const sentence = "The committee agreed that the old railway bridge across the river should be repaired before the winter storms begin.";
const times = 100;
/** What the model's process does for a request, without HTTP, JSON and the way between processes. */
const inModelHost: ReadonlySet<string> = new Set<SpanName>(["preprocess", "run", "postprocess"]);

async function modelHostMs(client: Client): Promise<number> {
  const { traces } = await client.call("traces", { query: { limit: times } });
  const each: number[] = [];
  for (const { id } of traces) {
    const { spans } = await client.call("trace", { params: { id } });
    each.push(sum(spans.filter(({ name }) => inModelHost.has(name)).map(({ durationUs }) => durationUs)) / 1000);
  }
  return median(each);
}

export const oneSentence: OnnxScenario = {
  name: "one-sentence",
  about: "one warm sentence at a time over HTTP; peer: the tokenizer and a bare session.run, in its own process",
  run: async ({ rounds, threads }) => {
    const texts = Array.from({ length: times }, () => sentence);
    const client = startLineProcess(join(import.meta.dirname, "../embed-client.ts"));
    const peer = startLineProcess(join(import.meta.dirname, "../../peers/bare-session.ts"), [miniLmFolder, String(threads)]);
    const daemon = await startMiniLm(threads);
    const ours = async (): Promise<{ http: number; host: number }> => {
      const { eachMs } = await client.ask<EmbedTimes>({ target: daemon.target, texts, clients: 1 } satisfies EmbedJob);
      return { http: median(eachMs), host: await modelHostMs(daemon.client) };
    };
    const theirs = async (): Promise<number> => median((await peer.ask<EmbedTimes>({ texts })).eachMs);
    try {
      await ours();
      await theirs();
      const { a, b } = await inTurn(rounds, ours, theirs);
      const figure = (name: string, values: readonly number[]): ReturnType<typeof row> => row({ scenario: "one-sentence", figure: name, unit: "ms", ours: values, peer: b, bar: atMost(1.1) });
      return [figure("p50 over HTTP", a.map(({ http }) => http)), figure("p50 in the model's process", a.map(({ host }) => host))];
    } finally {
      await Promise.all([client.stop(), peer.stop(), daemon.stop()]);
    }
  },
};
