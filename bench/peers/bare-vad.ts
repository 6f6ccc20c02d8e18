/** Nothing but `session.run`, window by window, in a process of its own: the least that a sound costs. */
import { performance } from "node:perf_hooks";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { answerLines } from "../onnx/answer-lines.ts";
import { noiseFile, sampleRate, silero } from "../onnx/voice.ts";

const [context, window] = [64, 512];
const session = await InferenceSession.create(silero, { intraOpNumThreads: Number(process.argv[2]), interOpNumThreads: 1 });
const rate = new Tensor("int64", BigInt64Array.of(BigInt(sampleRate)), []);

await answerLines<{ readonly seconds: number }>(async ({ seconds }) => {
  const samples = Float32Array.from(new Int16Array(noiseFile(seconds).slice(44).buffer), (sample) => sample / 32_768);
  const beganAt = performance.now();
  let state: Tensor = new Tensor("float32", new Float32Array(2 * 128), [2, 1, 128]);
  for (let at = context; at + window <= samples.length; at += window) {
    const outputs = await session.run({ input: new Tensor("float32", samples.slice(at - context, at + window), [1, context + window]), state, sr: rate });
    state = outputs["stateN"]!;
  }
  return { ms: performance.now() - beganAt };
});
