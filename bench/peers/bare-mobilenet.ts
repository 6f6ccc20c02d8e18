/** `session.run` on one image after the other, a tensor already or a file that sharp decodes, in a process of its own: the least that a label costs. */
import { performance } from "node:perf_hooks";
import { InferenceSession, Tensor } from "onnxruntime-node";
import sharp from "sharp";
import { answerLines } from "../onnx/answer-lines.ts";

const [path, threads] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: bare-mobilenet.ts MODEL THREADS");
const session = await InferenceSession.create(path, { intraOpNumThreads: Number(threads), interOpNumThreads: 1 });
const side = 224;
const area = side * side;

function tensor(pixels: Uint8Array): Tensor {
  const values = new Float32Array(3 * area);
  for (let at = 0; at < area; at += 1) {
    for (let channel = 0; channel < 3; channel += 1) values[channel * area + at] = pixels[3 * at + channel]! / 255;
  }
  return new Tensor("float32", values, [1, 3, side, side]);
}

const ready = tensor(new Uint8Array(3 * area).fill(128));

await answerLines<{ readonly images: number; readonly jpeg: string | null }>(async ({ images, jpeg }) => {
  const bytes = jpeg === null ? null : Buffer.from(jpeg, "base64");
  const beganAt = performance.now();
  for (let index = 0; index < images; index += 1) {
    const input = bytes === null ? ready : tensor(await sharp(bytes).resize(side, side, { fit: "fill" }).removeAlpha().raw().toBuffer());
    await session.run({ input });
  }
  return { ms: performance.now() - beganAt };
});
