import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Client } from "../../protocol/client/index.ts";
import { count, type Benchmark } from "../benchmark.ts";
import { startDaemon } from "../daemon.ts";
import { machine } from "../machine.ts";
import { inTurn, median, ratio, sum } from "../statistics.ts";

const root = resolve(import.meta.dirname, "..", "..");
const threads = 1;
const maxTokens = 200;
/** As text, not as messages, so that both sides get the same characters. A story is Ember's longest answer. */
const prompt = "<|im_start|>user\nTell me a short story about Nora and a lantern.<|im_end|>\n<|im_start|>assistant\n";

interface Run {
  readonly text: string;
  readonly ttftMs: number;
  readonly tokensPerSecond: number;
}

interface DaemonRun extends Run {
  /** Tokens per second of the loop inside the model host alone: decode and sample spans, without HTTP and JSON. */
  readonly loopTokensPerSecond: number;
}

/** One stream, greedy, from the client's side of the HTTP connection, and the same request's trace. */
async function throughDaemon(client: Client): Promise<DaemonRun> {
  const startedAt = performance.now();
  let firstAt: number | null = null;
  let text = "";
  let tokens = 0;
  let traceId = "";
  const body = { model: "bench", prompt, temperature: 0, max_tokens: maxTokens, stream: true, stream_options: { include_usage: true } } as const;
  for await (const chunk of client.stream("completions", { body })) {
    const piece = chunk.choices[0]?.text ?? "";
    if (piece !== "") firstAt ??= performance.now();
    text += piece;
    tokens = chunk.usage?.completion_tokens ?? tokens;
    traceId = chunk.timings?.trace_id ?? traceId;
  }
  const endedAt = performance.now();
  if (firstAt === null) throw new Error("The model answered nothing.");
  const trace = await client.call("trace", { params: { id: traceId } });
  const steps = trace.spans.filter(({ name }) => name === "decode" || name === "sample");
  const decodes = steps.filter(({ name }) => name === "decode").length;
  return {
    text,
    ttftMs: firstAt - startedAt,
    tokensPerSecond: (tokens - 1) / ((endedAt - firstAt) / 1000),
    loopTokensPerSecond: decodes / (sum(steps.map(({ durationUs }) => durationUs)) / 1e6),
  };
}

/** node-llama-cpp's own loop in its own process, asked the same. */
function startPeer(model: string): { ask: () => Promise<Run>; stop: () => void } {
  const child = spawn(process.execPath, ["bench/peers/node-llama-cpp.ts", model, String(threads)], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async () => {
      child.stdin.write(`${JSON.stringify({ prompt, maxTokens })}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error("The node-llama-cpp process ended.");
      return JSON.parse(line.value) as Run;
    },
    stop: () => child.stdin.end(),
  };
}

const figures = (values: readonly number[], unit: string): string =>
  `${median(values).toFixed(1)} ${unit} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;

export const firstLight: Benchmark = {
  name: "first-light",
  about: "one stream through the daemon against node-llama-cpp's own loop, in turn",
  run: async (options) => {
    const rounds = count(options.rounds, 5);
    const model = resolve(options.model ?? resolve(root, "runtime/models/ember/ember-q8_0.gguf"));
    const daemon = await startDaemon(`models:\n  bench:\n    source: ${JSON.stringify(model)}\n    parallel: 1\n    context: 2048\n    threads: ${threads}\n`);
    const peer = startPeer(model);
    try {
      // Once each to load the model and warm the caches; also the check that both do the same work.
      const [ours, theirs] = [await throughDaemon(daemon.client), await peer.ask()];
      const sameText = ours.text === theirs.text;
      const { a, b } = await inTurn(rounds, () => throughDaemon(daemon.client), () => peer.ask());
      const speed = (runs: readonly Run[]): number[] => runs.map(({ tokensPerSecond }) => tokensPerSecond);
      const ttft = (runs: readonly Run[]): number[] => runs.map(({ ttftMs }) => ttftMs);
      const loop = a.map(({ loopTokensPerSecond }) => loopTokensPerSecond);
      const whole = ratio(speed(a), speed(b));
      const inner = ratio(loop, speed(b));
      const facts = machine();
      return {
        lines: [
          `first-light: one greedy stream, ${threads} thread, ${a.length} runs each in turn (A B B A)`,
          `  ${Object.entries(facts).map(([key, value]) => `${key} ${value}`).join(", ")}`,
          `  same text from both: ${sameText ? "yes" : "NO: the runs do not compare"}`,
          "",
          `  first token   inferno over HTTP      ${figures(ttft(a), "ms")}`,
          `                node-llama-cpp         ${figures(ttft(b), "ms")}`,
          `  decode        inferno over HTTP      ${figures(speed(a), "tokens/s")}`,
          `                inferno, loop alone    ${figures(loop, "tokens/s")}`,
          `                node-llama-cpp's loop  ${figures(speed(b), "tokens/s")}`,
          "",
          `  ratio to node-llama-cpp: over HTTP ${whole.median.toFixed(2)} (${whole.low.toFixed(2)} to ${whole.high.toFixed(2)}), ` +
            `loop alone ${inner.median.toFixed(2)} (${inner.low.toFixed(2)} to ${inner.high.toFixed(2)})`,
        ],
        data: { machine: facts, model, rounds, sameText, daemon: a, peer: b, ratio: { overHttp: whole, loop: inner } },
      };
    } finally {
      peer.stop();
      await daemon.stop();
    }
  },
};
