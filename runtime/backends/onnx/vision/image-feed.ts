import type { OnnxOptions } from "../../../../protocol/config.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import { noSuchTensor } from "../../../../protocol/manifest-check.ts";
import type { ImageInput } from "../../../../protocol/manifest.ts";
import { toHalves } from "../../../../base/halves.ts";
import type { TaskItem } from "../../task-model.ts";
import type { Session } from "../session.ts";
import type { Tensor, Tensors } from "../tensors.ts";
import { decodePlaced } from "./decode-image.ts";
import { openImage } from "./image-file.ts";
import { channelsOf, fillTensor } from "./image-tensor.ts";
import type { Placement } from "./placement.ts";
import { placeImage } from "./placement.ts";

/** One image, as the graph takes it. */
export class ImageItem implements TaskItem {
  readonly length = 1;
  readonly placement: Placement;
  readonly values: Float32Array;

  constructor(placement: Placement, values: Float32Array) {
    this.placement = placement;
    this.values = values;
  }
}

/** The input of a graph that takes images of one size. */
export class ImageFeed {
  readonly #image: ImageInput;
  readonly #name: string;
  readonly #type: "float32" | "float16" | "uint8";
  /** Images that the graph takes at once, where it says so. */
  readonly #rows: number | null;

  /** Throws InfernoError `manifest_invalid` when the graph has no such input. */
  constructor(session: Session, image: ImageInput) {
    const { inputs } = session;
    const input = image.tensor === undefined && inputs.length === 1 ? inputs[0] : inputs.find(({ name }) => name === image.tensor);
    if (input === undefined) throw new InfernoError("manifest_invalid", noInput(image.tensor, inputs.map(({ name }) => name)));
    if (input.type !== "float32" && input.type !== "float16" && input.type !== "uint8") throw new InfernoError("manifest_invalid", `image.tensor: "${input.name}" takes ${input.type}; images are given as float32, float16 or uint8.`);
    this.#image = image;
    this.#name = input.name;
    this.#type = input.type;
    const expected = ["any", ...this.#shape];
    const differs = input.shape.length !== expected.length || input.shape.some((size, axis) => axis > 0 && typeof size === "number" && size > 0 && size !== expected[axis]);
    if (input.shape.length > 0 && differs) {
      throw new InfernoError("manifest_invalid", `image: the graph's input "${input.name}" is [${input.shape.join(", ")}], the manifest makes [${expected.join(", ")}] (${image.layout}).`);
    }
    const rows = input.shape[0];
    this.#rows = typeof rows === "number" && rows > 0 ? rows : null;
  }

  /**
   * Most images in one run. A CPU takes them one after the other: what eight of them leave between two layers no longer fits its caches, and
   * MobileNetV2 needed 12 to 14 ms for each instead of 10.
   */
  mostItems({ providers, max_batch: most }: Pick<OnnxOptions, "providers" | "max_batch">): number {
    return this.#rows ?? (providers.every((provider) => provider === "cpu") ? 1 : most);
  }

  /** `param`: the request's field that the image came in. Rejects with InfernoError `media_invalid` or `media_too_large`. */
  async prepare(bytes: Uint8Array, param = "image"): Promise<ImageItem> {
    const file = await openImage(bytes, param);
    const { width, height, resize } = this.#image;
    const placement = placeImage(file.size, { width, height }, resize);
    const picture = await decodePlaced(file, placement);
    const values = new Float32Array(this.#size);
    fillTensor(values, 0, picture, this.#image);
    return new ImageItem(placement, values);
  }

  feeds(items: readonly ImageItem[]): Tensors {
    const shape = [this.#rows ?? items.length, ...this.#shape];
    const [only] = items;
    if (only !== undefined && shape[0] === 1) return { [this.#name]: this.#tensor(only.values, shape) };
    const values = new Float32Array((shape[0] ?? 0) * this.#size);
    items.forEach((item, index) => values.set(item.values, index * this.#size));
    return { [this.#name]: this.#tensor(values, shape) };
  }

  #tensor(values: Float32Array, shape: readonly number[]): Tensor {
    switch (this.#type) {
      case "float32": return { type: "float32", shape, data: values };
      case "float16": return { type: "float16", shape, data: toHalves(values).bits };
      case "uint8": return { type: "uint8", shape, data: Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value)))) };
    }
  }

  get #shape(): readonly number[] {
    const { layout, height, width, colors } = this.#image;
    const channels = channelsOf(colors);
    return layout === "nchw" ? [channels, height, width] : [height, width, channels];
  }

  get #size(): number {
    return this.#image.width * this.#image.height * channelsOf(this.#image.colors);
  }
}

const noInput = (name: string | undefined, names: readonly string[]): string =>
  name === undefined ? `image.tensor: one must be named, for the graph has several inputs (${names.join(", ")}).` : noSuchTensor("image.tensor", "input", name, names);
