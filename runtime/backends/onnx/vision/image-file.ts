import sharp from "sharp";
import { formatBytes } from "../../../../base/format-bytes.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import { imageFormat } from "./image-format.ts";
import type { Size } from "./picture.ts";

export interface ImageLimits {
  readonly pixels: number;
  readonly bytes: number;
}

/** 50 megapixels are 150 MB once decoded: more than any camera's picture needs, less than a machine that runs models has. */
export const imageLimits: ImageLimits = { pixels: 50_000_000, bytes: 100_000_000 };

/** An image whose first bytes were looked at and found harmless. */
export interface ImageFile {
  readonly bytes: Uint8Array;
  /** After its EXIF orientation. */
  readonly size: Size;
  /** The request's field that it came in. */
  readonly param: string;
}

/**
 * Checks a file by its first bytes, so that nothing that is too large is ever decoded.
 * Rejects with InfernoError `media_invalid` or `media_too_large`.
 */
export async function openImage(bytes: Uint8Array, param = "image", limits: ImageLimits = imageLimits): Promise<ImageFile> {
  if (bytes.length > limits.bytes) {
    throw new InfernoError("media_too_large", `The image file has ${formatBytes(bytes.length)}; at most ${formatBytes(limits.bytes)} are decoded.`, { param });
  }
  // libvips would also open SVG and the like, which are programs rather than pictures: only known signatures get that far.
  const format = imageFormat(bytes);
  if (typeof format === "object") throw new InfernoError("media_invalid", `The image is ${format.refused}.`, { param });
  const header = await sharp(bytes, { limitInputPixels: false }).metadata().catch((cause: unknown) => {
    throw notDecoded(`The ${format} image's header cannot be read`, param, cause);
  });
  const { width, height } = header.autoOrient;
  if (width * height > limits.pixels) {
    const megapixels = (pixels: number) => (pixels / 1e6).toLocaleString("en", { maximumFractionDigits: 1 });
    throw new InfernoError("media_too_large", `The ${format} image has ${width} × ${height} pixels, ${megapixels(width * height)} megapixels; at most ${megapixels(limits.pixels)} are decoded.`, { param });
  }
  return { bytes, size: { width, height }, param };
}

/** What the decoder said of a broken file, as ours. */
export function notDecoded(what: string, param: string, cause: unknown): InfernoError {
  const said = cause instanceof Error ? cause.message.split("\n")[0] ?? "" : String(cause);
  return new InfernoError("media_invalid", `${what}: ${said.trim()}.`, { param, cause });
}
