import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Session } from "../session.ts";
import { float32 } from "../tensors.ts";
import { resizePicture } from "./decode-image.ts";
import { floatOutput } from "./float-output.ts";
import type { PixelFormat } from "./image-tensor.ts";
import { fillTensor } from "./image-tensor.ts";
import { graphInput, graphOutput } from "./only-value.ts";
import type { Picture, Quad, Size } from "./picture.ts";
import { placeImage } from "./placement.ts";
import { textRegions } from "./text-regions.ts";

/** The detector halves the image five times and adds the halves up again, so sides are multiples of this. */
const multiple = 32;

/** Finds the lines of text in a picture. */
export class TextDetector {
  readonly #session: Session;
  readonly #options: ManifestOf<"ocr">["detect"];
  readonly #format: PixelFormat;
  readonly #input: string;
  readonly #output: string;

  constructor(session: Session, options: ManifestOf<"ocr">["detect"]) {
    this.#session = session;
    this.#options = options;
    // PP-OCR is trained on pictures as OpenCV reads them, blue first, with the means in that order.
    this.#format = { layout: "nchw", colors: "bgr", scale: 1 / 255, mean: options.mean, std: options.std };
    this.#input = graphInput(session, "detect", 4);
    this.#output = graphOutput(session, "detect");
  }

  async find(picture: Picture): Promise<Quad[]> {
    const size = detectorSize(picture, this.#options.longest_side);
    const resized = size.width === picture.width && size.height === picture.height ? picture : await resizePicture(picture, placeImage(picture, size, "stretch"));
    const values = new Float32Array(3 * size.width * size.height);
    fillTensor(values, 0, resized, this.#format);
    const outputs = await this.#session.run({ [this.#input]: float32(values, [1, 3, size.height, size.width]) }, [this.#output]);
    const { data, shape } = floatOutput(outputs, this.#output);
    const map = { width: shape.at(-1) ?? 0, height: shape.at(-2) ?? 0 };
    const { threshold, box_threshold: boxThreshold, unclip } = this.#options;
    return textRegions(data, map, picture, { threshold, boxThreshold, unclip });
  }
}

/** The size in which a picture is searched: never larger than it is, but for the multiple. */
export function detectorSize({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height));
  const side = (pixels: number) => Math.max(multiple, Math.round(pixels * scale / multiple) * multiple);
  return { width: side(width), height: side(height) };
}
