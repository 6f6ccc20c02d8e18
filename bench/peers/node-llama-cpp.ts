/**
 * node-llama-cpp's own decode loop, as a program: reads requests as JSON lines, answers each with what it measured.
 * A process of its own, because two llama.cpp instances in one process would share threads and memory.
 */
import { createInterface } from "node:readline";
import { getLlama, LlamaLogLevel, type Token } from "node-llama-cpp";

const [modelPath, threads] = process.argv.slice(2);
if (modelPath === undefined) throw new Error("usage: node-llama-cpp.ts MODEL THREADS");

const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, maxThreads: Number(threads) });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ contextSize: 2048, threads: Number(threads), sequences: 1 });
const sequence = context.getSequence();

for await (const line of createInterface({ input: process.stdin })) {
  const { prompt, maxTokens } = JSON.parse(line) as { prompt: string; maxTokens: number };
  await sequence.clearHistory();
  const startedAt = performance.now();
  let firstAt = startedAt;
  const tokens: Token[] = [];
  for await (const token of sequence.evaluate(model.tokenize(prompt, true), { temperature: 0, yieldEogToken: true })) {
    if (tokens.length === 0) firstAt = performance.now();
    if (model.isEogToken(token)) break;
    tokens.push(token);
    if (tokens.length >= maxTokens) break;
  }
  const decodeMs = performance.now() - firstAt;
  console.log(JSON.stringify({
    text: model.detokenize(tokens, true),
    ttftMs: firstAt - startedAt,
    tokensPerSecond: (tokens.length - 1) / (decodeMs / 1000),
  }));
}
process.exit(0);
