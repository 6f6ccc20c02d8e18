/** Nothing but the tokenizer and `session.run`, in a process of its own: the least that a text's vectors cost. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Tokenizer } from "@huggingface/tokenizers";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { answerLines } from "../onnx/answer-lines.ts";

const [folder, threads] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: bare-session.ts FOLDER THREADS");
const json = (name: string): object => JSON.parse(readFileSync(join(folder, name), "utf8")) as object;
const tokenizer = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
const session = await InferenceSession.create(join(folder, "onnx/model_q4.onnx"), { intraOpNumThreads: Number(threads), interOpNumThreads: 1 });

await answerLines<{ readonly texts: readonly string[] }>(async ({ texts }) => {
  const eachMs: number[] = [];
  const startedAt = performance.now();
  for (const text of texts) {
    const beganAt = performance.now();
    const { ids } = tokenizer.encode(text, { text_pair: null, return_token_type_ids: true });
    const input = (values: BigInt64Array): Tensor => new Tensor("int64", values, [1, ids.length]);
    await session.run({
      input_ids: input(BigInt64Array.from(ids, BigInt)), attention_mask: input(new BigInt64Array(ids.length).fill(1n)), token_type_ids: input(new BigInt64Array(ids.length)),
    });
    eachMs.push(performance.now() - beganAt);
  }
  return { ms: performance.now() - startedAt, eachMs };
});
