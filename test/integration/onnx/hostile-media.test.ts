import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import type { ErrorCode } from "../../../protocol/errors.ts";
import { manifestName } from "../../../protocol/manifest.ts";
import { graph, model, node, tensor, value } from "../../../runtime/onnx-file/build.ts";
import { writePng } from "../../drivers/onnx/bad-images.ts";
import { startTestDaemon, type TestDaemon } from "../../drivers/test-daemon.ts";
import { fixture, wavFile } from "../../unit/runtime/backends/onnx/audio/sounds.ts";
import { put, temporaryFolder } from "../../unit/runtime/onnx-file/files.ts";

/** What colours an image has, and how loud a window of sound is: each the mean of all there is. */
const meanOf = (shape: readonly (number | string)[], axes: readonly number[], columns: number) => model(graph({
  nodes: [node("ReduceMean", ["x", "axes"], ["scores"], { keepdims: 0 })],
  inputs: [value("x", "float32", shape)], outputs: [value("scores", "float32", ["batch", columns])], initializers: [tensor("axes", "int64", [axes.length], axes)],
}));
const loudest = model(graph({
  nodes: [node("ReduceMax", ["x", "axes"], ["scores"], { keepdims: 1 })],
  inputs: [value("x", "float32", ["batch", 1600])], outputs: [value("scores", "float32", ["batch", 1])], initializers: [tensor("axes", "int64", [1], [1])],
}));

let daemon: TestDaemon;
const ends: (() => void)[] = [];
before(async () => {
  const home = temporaryFolder({ after: (end) => void ends.push(end as () => void) });
  const folder = (name: string, manifest: object, graphOf: ReturnType<typeof model>): { source: string; threads: number } => {
    mkdirSync(join(home, name));
    put(join(home, name), "model.onnx", graphOf);
    writeFileSync(join(home, name, manifestName), JSON.stringify(manifest));
    return { source: join(home, name), threads: 1 };
  };
  daemon = await startTestDaemon({
    yaml: {
      models: {
        colours: folder("colours", { task: "image-classification", image: { width: 8, height: 8 }, labels: ["red", "green", "blue"], activation: "none" }, meanOf(["batch", 3, 8, 8], [2, 3], 3)),
        ear: folder("ear", { task: "wake-word", words: ["loud"], window: 1600, hop: 1600 }, loudest),
      },
    },
  });
});
after(async () => {
  await daemon[Symbol.asyncDispose]();
  for (const end of ends.splice(0)) end();
});

const form = (field: string, bytes: Uint8Array, name: string): { body: FormData; method: string } => {
  const body = new FormData();
  body.set("model", name);
  body.set(field, new Blob([new Uint8Array(bytes)]), "file");
  return { body, method: "POST" };
};
/** As a form, the way that large files come; the typed error, or null. */
async function send(path: string, field: string, name: string, bytes: Uint8Array): Promise<{ status: number; code: string | null; message: string; text: string }> {
  const response = await fetch(daemon.daemon.url + path, { ...form(field, bytes, name), headers: { authorization: `Bearer ${daemon.daemon.token}` } });
  const text = await response.text();
  const { error } = JSON.parse(text) as { error?: { code: string; message: string } };
  return { status: response.status, code: error?.code ?? null, message: error?.message ?? "", text };
}
const look = async (bytes: Uint8Array) => await send("/api/v1/vision/classify", "image", "colours", bytes);
const listen = async (bytes: Uint8Array) => await send("/api/v1/audio/wake", "file", "ear", bytes);
const hostOf = async (name: string) => (await daemon.client.call("models")).models.find((each) => each.name === name)!;

const red = await sharp({ create: { width: 8, height: 8, channels: 3, background: "#f00" } }).png().toBuffer();
const tone = wavFile(new Uint8Array(Float32Array.from({ length: 16_000 }, (_, index) => 0.9 * Math.sin(index / 5)).buffer), { tag: 3, bits: 32 });

/** The process that was there is there, it answers, and its memory did not grow beyond what one picture may take. */
async function unharmed(name: "colours" | "ear", pid: number | null): Promise<void> {
  const { status, text } = name === "colours" ? await look(red) : await listen(tone);
  assert.equal(status, 200, text);
  assert.match(text, name === "colours" ? /"label":"red","score":1/ : /"word":"loud"/);
  const now = await hostOf(name);
  assert.equal(now.pid, pid);
  assert.ok((now.rssBytes ?? 0) < 600e6, `${now.rssBytes ?? 0} bytes`);
}

const bomb = deflateSync(new Uint8Array(256 * 2 ** 20));
const smallRows = deflateSync(new Uint8Array(10 * 31));
const named = (name: string, ...rest: readonly number[]): Uint8Array => Buffer.concat([Buffer.from(`${name}\0`), Uint8Array.from(rest), bomb]);
const chunked = (name: string, data: Uint8Array): Uint8Array => writePng({ width: 10, height: 10, rows: smallRows, chunks: [[name, data]] });

/** Thousands of frames of one pixel's change. */
const frames = async (count: number, format: "gif" | "webp"): Promise<Uint8Array> => {
  const strip = Buffer.alloc(4 * 4 * count * 3);
  for (let frame = 0; frame < count; frame += 1) strip.fill(frame % 256, frame * 48, frame * 48 + 48);
  const image = sharp(strip, { raw: { width: 4, height: 4 * count, channels: 3, pageHeight: 4 } });
  return await (format === "gif" ? image.gif({ effort: 1 }) : image.webp({ effort: 0 })).toBuffer();
};

const svg = (body: string, head = ""): Uint8Array => Buffer.from(`<?xml version="1.0"?>${head}<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">${body}</svg>`);
const entities = `<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, index) => `<!ENTITY ${"bcdefghij"[index] ?? ""} "${`&${"abcdefghi"[index] ?? ""};`.repeat(10)}">`).join("")}]>`;

type Expected = readonly [status: number, code: ErrorCode | null, message: RegExp];
const fine: Expected = [200, null, /^$/];
const invalid: Expected = [422, "media_invalid", /./];
const images: readonly (readonly [what: string, bytes: () => Promise<Uint8Array> | Uint8Array, expected: readonly Expected[]])[] = [
  ["nothing but noise", () => randomBytes(50_000), [invalid]],
  ["a PNG of 50,000 × 50,000", () => writePng({ width: 50_000, height: 50_000, rows: deflateSync(new Uint8Array(1000)) }), [[413, "media_too_large", /50000 × 50000 pixels/]]],
  ["a PNG of 2³¹ − 1 squared", () => writePng({ width: 2 ** 31 - 1, height: 2 ** 31 - 1, rows: smallRows }), [invalid, [413, "media_too_large", /./]]],
  ["a PNG within the limit whose 150 MB are 150 kB", () => writePng({ width: 7000, height: 7000 }), [fine]],
  ["a PNG whose rows go on for 256 MB", () => writePng({ width: 10, height: 10, rows: bomb }), [fine, invalid]],
  ["a PNG with a zTXt bomb", () => chunked("zTXt", named("a", 0)), [fine, invalid]],
  ["a PNG with an iTXt bomb", () => chunked("iTXt", Buffer.concat([Buffer.from("a\0\u0001\0\0\0"), bomb])), [fine, invalid]],
  ["a PNG with an iCCP bomb", () => chunked("iCCP", named("a", 0)), [fine, invalid]],
  ["a GIF of 5,000 frames", async () => await frames(5000, "gif"), [fine]],
  ["a WebP of 3,000 frames", async () => await frames(3000, "webp"), [fine]],
  ["an SVG with entities of entities", () => svg("<text>&j;</text>", entities), [invalid]],
  ["an SVG that reads a file", () => svg("<text>&x;</text>", '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), [invalid]],
  ["an SVG of a million by a million", () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1000000" height="1000000"/>'), [invalid]],
  ["an SVG behind a byte order mark and 600 spaces", () => Buffer.concat([Buffer.from("\uFEFF"), Buffer.alloc(600, " "), svg("")]), [invalid]],
  ["a JPEG's beginning", () => Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16), [invalid]],
  ["a TIFF whose directory is itself", () => Uint8Array.of(0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 0), [invalid]],
];

describe("hostile images", () => {
  for (const [what, bytes, expected] of images) {
    test(what, { timeout: 60_000 }, async () => {
      assert.equal((await look(red)).status, 200);
      const { pid } = await hostOf("colours");
      const { status, code, message, text } = await look(await bytes());
      const [, , said] = expected.find(([wanted, its]) => wanted === status && its === code) ?? assert.fail(`${status} ${text}`);
      assert.match(message, said);
      assert.doesNotMatch(message, /root:x:0/);
      await unharmed("colours", pid);
    });
  }

  test("any bit of a GIF, WebP, JPEG or TIFF turned over", { timeout: 60_000 }, async () => {
    assert.equal((await look(red)).status, 200);
    const { pid } = await hostOf("colours");
    const picture = sharp({ create: { width: 40, height: 40, channels: 3, background: "#888", noise: { type: "gaussian", mean: 128, sigma: 40 } } });
    for (const whole of await Promise.all([picture.clone().gif().toBuffer(), picture.clone().webp().toBuffer(), picture.clone().jpeg().toBuffer(), picture.clone().tiff().toBuffer()])) {
      for (let step = 0; step < 12; step += 1) {
        const bytes = Buffer.from(whole);
        const at = Math.floor((step / 12) ** 2 * bytes.length);
        bytes[at] = bytes[at]! ^ (1 << step % 8);
        const { status, code, text } = await look(bytes);
        assert.ok(status === 200 || code === "media_invalid" || code === "media_too_large", text);
      }
    }
    await unharmed("colours", pid);
  });
});

const turned = (bytes: Uint8Array, share: number): Uint8Array => {
  const copy = bytes.slice();
  const at = Math.floor(share * (copy.length - 1));
  copy[at] = copy[at]! ^ 0x10;
  return copy;
};
const hours = (count: number, bytes: Uint8Array, sampleRate = 16_000): Uint8Array => wavFile(bytes, { tag: 1, bits: 16, sampleRate, size: Math.min(2 ** 32 - 2, count * 3600 * sampleRate * 2) });

const sounds: readonly (readonly [what: string, bytes: () => Uint8Array, expected: readonly Expected[]])[] = [
  ["nothing but noise", () => Buffer.concat([Uint8Array.of(1), randomBytes(50_000)]), [invalid]],
  ["a WAV header of ten hours, and nothing behind it", () => hours(10, new Uint8Array(1000)), [[413, "media_too_large", /36000 s long, or longer; 3600 s are allowed/]]],
  ["ten hours at a thousand samples a second, all of it there", () => wavFile(new Uint8Array(10 * 3600 * 1000), { tag: 1, bits: 8, sampleRate: 1000 }), [[413, "media_too_large", /3600 s are allowed/]]],
  ["ten hours of unknown size", () => wavFile(new Uint8Array(10 * 3600 * 1000), { tag: 1, bits: 8, sampleRate: 1000, size: 0xffff_ffff }), [[413, "media_too_large", /3600 s are allowed/]]],
  ["just below an hour that is not there", () => hours(0.99, new Uint8Array(1000)), [[422, "media_invalid", /cut off/]]],
  ["a rate of two gigahertz", () => wavFile(new Uint8Array(4000), { tag: 1, bits: 16, sampleRate: 2 ** 31 - 1 }), [[422, "media_invalid", /sample rate/]]],
  ["a rate of nothing", () => wavFile(new Uint8Array(4000), { tag: 1, bits: 16, sampleRate: 0 }), [[422, "media_invalid", /sample rate/]]],
  ["65,535 channels in a hundredth of one sample", () => wavFile(new Uint8Array(655), { tag: 1, bits: 8, channels: 65_535, sampleRate: 1000 }), [invalid]],
  ["samples that are no numbers", () => wavFile(new Uint8Array(Float32Array.from({ length: 2000 }, (_, index) => (index === 1999 ? NaN : 0)).buffer), { tag: 3, bits: 32 }), [[422, "media_invalid", /sample 1999 is not a number/]]],
  ["samples that are infinite", () => wavFile(new Uint8Array(new Float32Array(2000).fill(Infinity).buffer), { tag: 3, bits: 32 }), [fine]],
  ...(["tone.mp3", "tone.ogg", "tone.opus", "tone.flac"] as const).flatMap((name) => [
    [`${name}, half of it`, () => fixture(name).subarray(0, fixture(name).length / 2), [invalid]] as const,
    [`${name}, its beginning and garbage`, () => Buffer.concat([fixture(name).subarray(0, 200), randomBytes(20_000)]), [invalid, fine]] as const,
    ...[0.02, 0.1, 0.3, 0.5, 0.7, 0.97].map((share) => [`${name}, a bit turned over at ${share}`, () => turned(fixture(name), share), [fine, invalid]] as const),
  ]),
];

describe("hostile sounds", () => {
  for (const [what, bytes, expected] of sounds) {
    test(what, { timeout: 60_000 }, async () => {
      assert.equal((await listen(tone)).status, 200);
      const { pid } = await hostOf("ear");
      const { status, code, message, text } = await listen(bytes());
      const [, , said] = expected.find(([wanted, its]) => wanted === status && its === code) ?? assert.fail(`${status} ${text}`);
      assert.match(message, said);
      await unharmed("ear", pid);
    });
  }

  test("ten hours at the rate of speech, streamed to the limit of a body", { timeout: 60_000 }, async () => {
    assert.equal((await listen(tone)).status, 200);
    const { pid } = await hostOf("ear");
    // Never as a whole in this process either: a header, then silence in pieces of a megabyte for as long as somebody listens.
    let sent = 0;
    const head = Buffer.from(`--b\r\ncontent-disposition: form-data; name="model"\r\n\r\near\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n`);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent > 10 * 3600 * 16_000 * 2) return controller.close();
        controller.enqueue(sent === 0 ? Buffer.concat([head, hours(10, new Uint8Array())]) : new Uint8Array(2 ** 20));
        sent += 2 ** 20;
      },
    });
    const answer = await fetch(`${daemon.daemon.url}/api/v1/audio/wake`, {
      method: "POST", body, duplex: "half", headers: { authorization: `Bearer ${daemon.daemon.token}`, "content-type": "multipart/form-data; boundary=b" },
    } as RequestInit).then(async (response) => ({ status: response.status, text: await response.text() }), (error: unknown) => ({ status: 0, text: String(error) }));
    // Whoever goes on sending after the answer may find the connection closed before it read it.
    if (answer.status !== 0) assert.deepEqual([answer.status, (JSON.parse(answer.text) as { error: { code: string } }).error.code], [413, "body_too_large"]);
    assert.ok(sent < 300e6, `${sent} bytes were taken`);
    await unharmed("ear", pid);
  });
});
