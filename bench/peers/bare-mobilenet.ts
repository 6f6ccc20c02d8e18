/** Nothing but `session.run` on one image after the other that is a tensor already, in a process of its own: the least that a label costs. */
import { performance } from "node:perf_hooks";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { answerLines } from "../onnx/answer-lines.ts";

const [path, threads] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: bare-mobilenet.ts MODEL THREADS");
const session = await InferenceSession.create(path, { intraOpNumThreads: Number(threads), interOpNumThreads: 1 });
const side = 224;
const image = new Tensor("float32", Float32Array.from({ length: 3 * side * side }, (_, index) => (index % 256) / 255), [1, 3, side, side]);

await answerLines<{ readonly images: number }>(async ({ images }) => {
  const beganAt = performance.now();
  for (let index = 0; index < images; index += 1) await session.run({ input: image });
  return { ms: performance.now() - beganAt };
});
