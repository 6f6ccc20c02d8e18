import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { InfernoError, type ErrorCode } from "../../../../../../protocol/errors.ts";
import { decodeImage, decodePlaced } from "../../../../../../runtime/backends/onnx/vision/decode-image.ts";
import { openImage } from "../../../../../../runtime/backends/onnx/vision/image-file.ts";
import { placeImage } from "../../../../../../runtime/backends/onnx/vision/placement.ts";
import { writePng } from "../../../../../drivers/onnx/bad-images.ts";

/** Half transparent red, then green. */
const drawn = () => sharp(Uint8Array.of(255, 0, 0, 128, 0, 255, 0, 255), { raw: { width: 2, height: 1, channels: 4 } });
const decode = async (bytes: Uint8Array) => await decodeImage(await openImage(bytes));

async function pixelsOf(bytes: Uint8Array): Promise<number[]> {
  const { width, height, pixels } = await decode(bytes);
  assert.equal(pixels.length, width * height * 3);
  return [...pixels];
}

test("alpha is laid on white, in every format and depth", async () => {
  const onWhite = [255, 127, 127, 0, 255, 0];
  for (const image of [drawn().png(), drawn().toColourspace("rgb16").png(), drawn().tiff({ compression: "lzw" }), drawn().webp({ lossless: true })]) assert.deepEqual(await pixelsOf(await image.toBuffer()), onWhite);
  const lossy = await pixelsOf(await drawn().avif({ quality: 90 }).toBuffer());
  lossy.forEach((value, at) => assert.ok(Math.abs(value - (onWhite[at] ?? 0)) < 12, `${value} at ${at}`));
});

test("gray and CMYK become red, green and blue", async () => {
  const opaque = () => drawn().removeAlpha();
  const gray = await pixelsOf(await opaque().toColourspace("b-w").png().toBuffer());
  assert.equal(new Set(gray.slice(0, 3)).size, 1);
  assert.deepEqual(await pixelsOf(await opaque().toColourspace("grey16").png().toBuffer()), gray);
  const [red, , blue] = await pixelsOf(await opaque().toColourspace("cmyk").jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer());
  assert.ok(red! > 200 && blue! < 60, "ink for red is red again");
});

test("turned as its EXIF says, the size too", async () => {
  const file = await openImage(await drawn().removeAlpha().withMetadata({ orientation: 6 }).png().toBuffer());
  assert.deepEqual(file.size, { width: 1, height: 2 });
  const { width, height, pixels } = await decodeImage(file);
  assert.deepEqual([width, height, ...pixels], [1, 2, 255, 0, 0, 0, 255, 0]);
});

test("of an animation the first frame", async () => {
  const frames = await sharp([await drawn().png().toBuffer(), await drawn().negate().png().toBuffer()], { join: { animated: true } }).gif().toBuffer();
  assert.equal((await decode(frames)).height, 1);
});

test("letterboxed with gray bars, cut for cover", async () => {
  const file = await openImage(await sharp({ create: { width: 40, height: 20, channels: 3, background: "#f00" } }).png().toBuffer());
  const boxed = await decodePlaced(file, placeImage(file.size, { width: 10, height: 10 }, "letterbox"));
  const column = Array.from({ length: 10 }, (_, row) => [...boxed.pixels.subarray(row * 30, row * 30 + 3)].join());
  assert.deepEqual(column.map((pixel) => pixel === "255,0,0"), [false, false, true, true, true, true, true, false, false, false]);
  assert.equal(column[0], "114,114,114");
  const covered = await decodePlaced(file, placeImage(file.size, { width: 10, height: 10 }, "cover"));
  assert.deepEqual(new Set(Array.from({ length: 100 }, (_, at) => [...covered.pixels.subarray(at * 3, at * 3 + 3)].join())), new Set(["255,0,0"]));
});

async function refused(bytes: Uint8Array, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(decode(bytes), (error) => {
    assert.ok(error instanceof InfernoError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.param, "image");
    assert.match(error.message, message);
    return true;
  });
}

test("what is no picture is refused by its name", async () => {
  await refused(new Uint8Array(), "media_invalid", /empty/);
  await refused(Buffer.from("hello, this is a text"), "media_invalid", /no format that is known \(it begins with 68 65 6c/);
  await refused(Buffer.from("%PDF-1.7\n"), "media_invalid", /PDF/);
  await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>'), "media_invalid", /SVG/);
  await refused(Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'), "media_invalid", /SVG/);
  await refused(Buffer.from("iVBORw0KGgoAAAANSUhEUg"), "media_invalid", /base64/);
});

test("damaged files", async () => {
  const noise = sharp({ create: { width: 200, height: 200, channels: 3, background: "#888", noise: { type: "gaussian", mean: 128, sigma: 40 } } });
  for (const whole of [await noise.clone().png().toBuffer(), await noise.clone().jpeg().toBuffer(), await noise.clone().webp().toBuffer()]) {
    await refused(whole.subarray(0, whole.length / 2), "media_invalid", /damaged or cut off|header/);
    await refused(whole.subarray(0, 20), "media_invalid", /header/);
  }
  await refused(writePng({ width: 0, height: 10, rows: new Uint8Array() }), "media_invalid", /header/);
});

test("too large: by its header alone, with both figures", async () => {
  // 74 bytes that ask for 7.5 GB.
  await refused(writePng({ width: 50_000, height: 50_000, rows: deflateSync(new Uint8Array(1000)) }), "media_too_large", /50000 × 50000 pixels, 2,500 megapixels; at most 50 are decoded/);
  await assert.rejects(openImage(new Uint8Array(101), "image.3", { pixels: 10, bytes: 100 }), { code: "media_too_large", param: "image.3", message: /101 B; at most 100 B/ });
});

test("bombs in a small picture cost no memory", async () => {
  const bomb = deflateSync(new Uint8Array(256 * 1024 * 1024));
  const small = deflateSync(new Uint8Array(10 * 31));
  const before = process.resourceUsage().maxRSS;
  const named = (name: string, ...rest: readonly number[]) => Buffer.concat([Buffer.from(`${name}\0`), Uint8Array.from(rest), bomb]);
  await decode(writePng({ width: 10, height: 10, rows: small, chunks: [["zTXt", named("a", 0)]] }));
  await decode(writePng({ width: 10, height: 10, rows: small, chunks: [["iCCP", named("a", 0)]] }));
  await decode(writePng({ width: 10, height: 10, rows: bomb }));
  assert.ok(process.resourceUsage().maxRSS - before < 100 * 1024, "kB more at the highest");
});

test("property: flipped bits and cuts end in a picture or in media_invalid or media_too_large", async () => {
  const bases = await Promise.all([drawn().png().toBuffer(), drawn().removeAlpha().jpeg().toBuffer(), drawn().webp().toBuffer(), drawn().gif().toBuffer(), drawn().tiff().toBuffer()]);
  await fc.assert(fc.asyncProperty(fc.constantFrom(...bases), fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 6 }), fc.double({ min: 0.5, max: 1, noNaN: true }), async (base, flips, share) => {
    const bytes = Buffer.from(base.subarray(0, Math.ceil(base.length * share)));
    for (const [at, value] of flips) bytes[at % bytes.length] = value;
    try {
      const { width, height, pixels } = await decode(bytes);
      assert.equal(pixels.length, width * height * 3);
    } catch (error) {
      assert.ok(error instanceof InfernoError && ["media_invalid", "media_too_large"].includes(error.code), String(error));
    }
  }), { numRuns: 300 });
});
