import type { ImageInput } from "../../../../protocol/manifest.ts";
import type { Picture } from "./picture.ts";

/** How values 0 to 255 become what the graph was trained with. */
export type PixelFormat = Pick<ImageInput, "layout" | "colors" | "scale" | "mean" | "std">;

export function channelsOf(colors: PixelFormat["colors"]): number {
  return colors === "gray" ? 1 : 3;
}

/** One picture's values, at `offset` of a batch's tensor. With `stride`, the width of the tensor's rows, what is right of the picture stays as it is. */
export function fillTensor(target: Float32Array, offset: number, picture: Picture, format: PixelFormat, stride = picture.width): void {
  const { pixels, width, height } = picture;
  const channels = channelsOf(format.colors);
  const planar = format.layout === "nchw";
  const step = planar ? 1 : channels;
  channelTables(format).forEach((table, channel) => {
    const source = format.colors === "bgr" ? 2 - channel : channel;
    for (let row = 0; row < height; row += 1) {
      let at = offset + (planar ? (channel * height + row) * stride : row * stride * channels + channel);
      const end = (row + 1) * width * 3;
      if (format.colors === "gray") {
        for (let pixel = row * width * 3; pixel < end; pixel += 3, at += step) target[at] = table[luma(pixels, pixel)] ?? 0;
      } else {
        for (let pixel = row * width * 3 + source; pixel < end; pixel += 3, at += step) target[at] = table[pixels[pixel] ?? 0] ?? 0;
      }
    }
  });
}

/** 256 values a channel are computed once instead of once a pixel. `mean` and `std` count in the graph's order of channels. */
function channelTables({ colors, scale, mean, std }: PixelFormat): Float32Array[] {
  return Array.from({ length: channelsOf(colors) }, (_, channel) => {
    const centre = mean[channel] ?? mean[0] ?? 0;
    const spread = std[channel] ?? std[0] ?? 1;
    return Float32Array.from({ length: 256 }, (_value, value) => (value * scale - centre) / spread);
  });
}

/** Brightness by ITU-R BT.601, as image libraries convert to gray. */
function luma(pixels: Uint8Array, at: number): number {
  return Math.round(0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0));
}
