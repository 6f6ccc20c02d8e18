/**
 * The load client, as a program: jobs come in as JSON lines, results go out as JSON lines. A process of its own, the same one for both sides,
 * which only notes when bytes arrive: on a small machine the client must not take the servers' processor.
 */
import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ask, Job, Stream, Target } from "./job.ts";
import { readStream, type Arrival } from "./sse.ts";

// A connection for each request: servers close idle ones at times of their own choosing, and a new one costs a tenth of a millisecond here.
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

async function ask({ url, token, model }: Target, { prompt, maxTokens, afterMs = 0 }: Ask, startedAt: number): Promise<() => Stream> {
  const chat = typeof prompt !== "string";
  const input = chat ? { messages: prompt } : { prompt };
  const body = JSON.stringify({ model, ...input, max_tokens: maxTokens, temperature: 0, stream: true, stream_options: { include_usage: true } });
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  if (afterMs > 0) await sleep(afterMs);
  return await new Promise((done, fail) => {
    const sentMs = performance.now() - startedAt;
    const call = request(`${url}/v1/${chat ? "chat/completions" : "completions"}`, { method: "POST", agent, headers }, (response) => {
      const arrivals: Arrival[] = [];
      response.on("data", (bytes: Buffer) => arrivals.push({ atMs: performance.now() - startedAt, bytes }));
      response.once("error", fail);
      response.once("end", () => {
        const endMs = performance.now() - startedAt;
        if (response.statusCode === 200) done(() => readStream(sentMs, arrivals, endMs));
        else fail(new Error(`HTTP ${response.statusCode ?? 0}: ${Buffer.concat(arrivals.map(({ bytes }) => bytes)).toString().slice(0, 500)}`));
      });
    });
    call.once("error", fail);
    call.end(body);
  });
}

async function run({ target, asks }: Job): Promise<Stream[]> {
  const startedAt = performance.now();
  const readers = await Promise.all(asks.map((one) => ask(target, one, startedAt)));
  return readers.map((read) => read());
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await run(JSON.parse(line) as Job).then((streams) => ({ streams }), (error: unknown) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
agent.destroy();
