/**
 * Clients of /v1/embeddings, as a program: a process of its own, so that it takes no time of the daemon's. Each client keeps its connection, asks for
 * base64 as OpenAI's own library does, and sends its next text when the last one's vector is there.
 */
import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import type { Target } from "../load/job.ts";
import { answerLines } from "./answer-lines.ts";

export interface EmbedJob {
  readonly target: Target;
  readonly texts: readonly string[];
  readonly clients: number;
}

/** Milliseconds: of all, and of each text in order. */
export interface EmbedTimes {
  readonly ms: number;
  readonly eachMs: readonly number[];
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

async function embed({ url, token, model }: Target, text: string): Promise<void> {
  const body = JSON.stringify({ model, input: text, encoding_format: "base64" });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...(token !== null && { authorization: `Bearer ${token}` }) };
  await new Promise<void>((done, fail) => {
    const call = request(`${url}/v1/embeddings`, { method: "POST", agent, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (bytes: Buffer) => pieces.push(bytes));
      response.once("error", fail);
      response.once("end", () => {
        const answer = Buffer.concat(pieces).toString();
        if (response.statusCode !== 200) return fail(new Error(`HTTP ${response.statusCode ?? 0}: ${answer.slice(0, 500)}`));
        const { data } = JSON.parse(answer) as { data: { embedding: string }[] };
        const bytes = Buffer.from(data[0]?.embedding ?? "", "base64").length;
        return bytes === 384 * 4 ? done() : fail(new Error(`a vector of ${bytes} bytes`));
      });
    });
    call.once("error", fail);
    call.end(body);
  });
}

await answerLines<EmbedJob>(async ({ target, texts, clients }) => {
  const eachMs: number[] = texts.map(() => 0);
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, async () => {
    for (let index = next++; index < texts.length; index = next++) {
      const sentAt = performance.now();
      await embed(target, texts[index]!);
      eachMs[index] = performance.now() - sentAt;
    }
  }));
  return { ms: performance.now() - startedAt, eachMs } satisfies EmbedTimes;
});
agent.destroy();
