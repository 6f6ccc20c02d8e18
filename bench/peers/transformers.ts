/** @huggingface/transformers in a process of its own, with callers in that process: what a Node program does that has no server. */
import { basename, dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { env, pipeline } from "@huggingface/transformers";
import { answerLines } from "../onnx/answer-lines.ts";

export interface TransformersJob {
  readonly texts: readonly string[];
  /** Callers at once, each with one text at a time; null: texts in lists of 32, one list after the other. */
  readonly callers: number | null;
}

const [folder, threads] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: transformers.ts FOLDER THREADS");
env.allowRemoteModels = false;
env.localModelPath = dirname(dirname(folder));
const extract = await pipeline("feature-extraction", `${basename(dirname(folder))}/${basename(folder)}`, {
  dtype: "q4", device: "cpu", session_options: { intraOpNumThreads: Number(threads), interOpNumThreads: 1 },
});
const options = { pooling: "mean", normalize: true } as const;

await answerLines<TransformersJob>(async ({ texts, callers }) => {
  let next = 0;
  const startedAt = performance.now();
  if (callers === null) {
    for (; next < texts.length; next += 32) await extract(texts.slice(next, next + 32), options);
  } else {
    await Promise.all(Array.from({ length: callers }, async () => {
      for (let index = next++; index < texts.length; index = next++) await extract(texts[index]!, options);
    }));
  }
  return { ms: performance.now() - startedAt };
});
