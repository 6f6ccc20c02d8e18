import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { mobileNetLabels, readMobileNet } from "../../../bench/models/keras-model.ts";
import { kerasToOnnx } from "../../../bench/models/keras-onnx.ts";
import type { Label } from "../../../protocol/infer.ts";
import { ask, loadFolder } from "../../drivers/task-model.ts";
import { runKeras } from "../../drivers/onnx/keras-reference.ts";

const side = 224;
const network = readMobileNet();
const manifest = { task: "image-classification", image: { width: side, height: side }, labels: mobileNetLabels, activation: "none" };

let model: Awaited<ReturnType<typeof loadFolder>>;
before(async () => { model = await loadFolder(manifest, { "model.onnx": kerasToOnnx(network, side, mobileNetLabels.length) }); });
after(async () => await model[Symbol.asyncDispose]());

const classify = async (images: readonly Uint8Array[], top: number | null = null): Promise<readonly (readonly Label[])[]> => (await ask(model, { task: "image-classification", images, top })).labels;

/** Pictures of the graph's own size, so that nothing but the network differs: a drawing, a gradient, noise. */
async function pictures(): Promise<Buffer[]> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="100%" height="100%" fill="#fff"/><circle cx="90" cy="100" r="60" fill="none" stroke="#000" stroke-width="5"/><path d="M20 200 L110 120 L200 205 Z" fill="#c33" stroke="#000"/></svg>`;
  const gradient = Uint8Array.from({ length: side * side * 3 }, (_, at) => (at % 3 === 0 ? Math.floor(at / 3) % side : Math.floor(at / (3 * side))) % 256);
  const noise = { create: { width: side, height: side, channels: 3 as const, background: "#888", noise: { type: "gaussian" as const, mean: 128, sigma: 30 } } };
  return await Promise.all([sharp(Buffer.from(drawing)).removeAlpha(), sharp(gradient, { raw: { width: side, height: side, channels: 3 } }), sharp(noise)].map(async (image) => await image.png().toBuffer()));
}

async function witness(png: Uint8Array): Promise<Float32Array> {
  const pixels = await sharp(png).removeAlpha().raw().toBuffer();
  return runKeras(network, { height: side, width: side, channels: 3, values: Float32Array.from(pixels, (value) => value / 255) });
}

const scoreOf = (labels: readonly Label[], label: string): number => labels.find((each) => each.label === label)?.score ?? Number.NaN;

test("MobileNetV2 says what its layers say, computed one after the other in TypeScript", { timeout: 120_000 }, async () => {
  const images = await pictures();
  const answers = await classify(images);
  assert.equal(answers.length, images.length);
  for (const [index, image] of images.entries()) {
    const expected = await witness(image);
    const scores = mobileNetLabels.map((label) => scoreOf(answers[index]!, label));
    scores.forEach((score, at) => assert.ok(Math.abs(score - expected[at]!) < 1e-4, `image ${index}: ${scores.join(", ")} for ${expected.join(", ")}`));
    assert.deepEqual(answers[index]!.map(({ score }) => score), answers[index]!.map(({ score }) => score).toSorted((a, b) => b - a), "best first");
  }
});

test("in a batch as alone, in the request's order; only the best when asked", async () => {
  const images = await pictures();
  const prepared = await model.prepare({ kind: "infer", input: { task: "image-classification", images, top: 2 } });
  const { results } = await model.run(prepared.items);
  const answer = await prepared.finish(results);
  assert.ok("output" in answer && answer.output.task === "image-classification");
  const together = answer.output.labels;
  for (const [index, image] of images.entries()) {
    const [alone] = await classify([image], 2);
    assert.equal(alone!.length, 2);
    assert.deepEqual(together[index]!.map(({ label }) => label), alone!.map(({ label }) => label));
    together[index]!.forEach(({ score }, at) => assert.ok(Math.abs(score - alone![at]!.score) < 1e-5));
  }
});

test("a large photo, gray or with alpha, is brought to the graph's size", async () => {
  const [drawing] = await pictures();
  const large = await sharp(drawing).resize(1792, 1792, { kernel: "nearest" }).jpeg({ quality: 95 }).toBuffer();
  const [same] = await classify([drawing!]);
  const [scaled] = await classify([large]);
  assert.ok(Math.abs(scoreOf(same!, "drawing") - scoreOf(scaled!, "drawing")) < 0.05);
  assert.equal((await classify([await sharp(drawing).toColourspace("b-w").ensureAlpha(0.5).png().toBuffer()]))[0]!.length, 5);
});

test("one bad image of several is named", async () => {
  const [drawing] = await pictures();
  await assert.rejects(classify([drawing!, drawing!.subarray(0, 100)]), { code: "media_invalid", param: "image.1" });
});

test("what is asked of another task is refused", async () => {
  await assert.rejects(model.prepare({ kind: "embed", inputs: ["text"] }), { code: "model_task_mismatch" });
});

test("manifests that do not fit the graph", async () => {
  const graph = { "model.onnx": kerasToOnnx(network, side, mobileNetLabels.length) };
  const refused = async (changes: object, message: RegExp): Promise<void> => await assert.rejects(loadFolder({ ...manifest, ...changes }, graph), { code: "manifest_invalid", message });
  await refused({ labels: ["one", "two"] }, /there are 2, the graph's output has 5 classes/);
  await refused({ image: { width: 200, height: side } }, /\[batch, 3, 224, 224\], the manifest makes \[any, 3, 224, 200\] \(nchw\)/);
  await refused({ image: { ...manifest.image, layout: "nhwc" } }, /\(nhwc\)/);
  await refused({ image: { ...manifest.image, colors: "gray" } }, /\[any, 1, 224, 224\]/);
  await refused({ image: { ...manifest.image, tensor: "pixels" } }, /no input "pixels"; it has input\./);
  await refused({ output: "logits" }, /no output "logits"; it has dense_3/);
  await refused({ labels: "labels.txt" }, /labels\.txt does not exist/);
});
