import sharp from "sharp";
import type { Sharp } from "sharp";
import { InfernoError } from "../../../../protocol/errors.ts";
import { notDecoded, type ImageFile } from "./image-file.ts";
import type { Picture } from "./picture.ts";
import type { Placement } from "./placement.ts";

/** A decoder that has worked for so long on a picture within the limits was given a trap. */
const decodeSeconds = 30;

/** The gray that object detectors are trained with around pictures of other proportions. */
const bars = { r: 114, g: 114, b: 114 };

/**
 * To be called once in a process. Every picture is decoded once, so libvips' cache would only hold memory;
 * and its threads would take the cores from inference, which has its own.
 */
export function quietDecoder(): void {
  sharp.cache(false);
  sharp.concurrency(1);
}

/** The whole picture. Of an animation the first frame. Rejects with InfernoError `media_invalid`, as the next. */
export async function decodeImage(file: ImageFile): Promise<Picture> {
  return pixelsOf(upright(file), file.param);
}

/** The picture in the size that a graph takes. Decoder and resize work together, so a large JPEG is never unpacked whole. */
export async function decodePlaced(file: ImageFile, placement: Placement): Promise<Picture> {
  return pixelsOf(place(upright(file), placement), file.param);
}

/** A picture that is decoded already, in another size. */
export async function resizePicture({ width, height, pixels }: Picture, placement: Placement): Promise<Picture> {
  return pixelsOf(place(sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false }), placement), "image");
}

function upright({ bytes, size: { width, height } }: ImageFile): Sharp {
  return sharp(bytes, { limitInputPixels: width * height, failOn: "error", sequentialRead: true, pages: 1 }).autoOrient().flatten({ background: "#fff" });
}

function place(image: Sharp, { frame, scaled, left, top }: Placement): Sharp {
  const resized = image.resize(scaled.width, scaled.height, { fit: "fill", kernel: "linear" });
  if (scaled.width === frame.width && scaled.height === frame.height) return resized;
  if (left < 0 || top < 0) return resized.extract({ left: -left, top: -top, ...frame });
  return resized.extend({ left, top, right: frame.width - scaled.width - left, bottom: frame.height - scaled.height - top, background: bars });
}

async function pixelsOf(image: Sharp, param: string): Promise<Picture> {
  const { data, info } = await image.toColourspace("srgb").removeAlpha().timeout({ seconds: decodeSeconds }).raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw notDecoded("The image is damaged or cut off", param, cause);
    });
  if (info.channels !== 3) throw new InfernoError("media_invalid", `The image decodes to ${info.channels} channels instead of red, green and blue.`, { param });
  return { width: info.width, height: info.height, pixels: data };
}
