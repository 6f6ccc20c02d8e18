/** @gutenye/ocr-node as its guide shows it, on the threads that it is given, in a process of its own. */
import { performance } from "node:perf_hooks";
import Ocr from "@gutenye/ocr-node";
import { answerLines } from "../onnx/answer-lines.ts";

interface Reader {
  detect(path: string): Promise<readonly { readonly text: string }[]>;
}

const threads = Number(process.argv[2]);
const ocr = await Ocr.create({ onnxOptions: { intraOpNumThreads: threads, interOpNumThreads: 1 } }) as Reader;

await answerLines<{ readonly path: string }>(async ({ path }) => {
  const beganAt = performance.now();
  const lines = await ocr.detect(path);
  return { ms: performance.now() - beganAt, lines: lines.map(({ text }) => text) };
});
