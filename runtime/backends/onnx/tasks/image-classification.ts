import { assert } from "../../../../base/assert.ts";
import { InfernoError } from "../../../../protocol/errors.ts";
import type { Label } from "../../../../protocol/infer.ts";
import type { OnnxOptions } from "../../../../protocol/config.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem, TaskLimits } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { activate, bestLabels } from "../label-scores.ts";
import { readLabels } from "../labels.ts";
import type { Pipeline, PipelineParts } from "../pipeline.ts";
import type { Session } from "../session.ts";
import { quietDecoder } from "../vision/decode-image.ts";
import { floatOutput, outputName } from "../vision/float-output.ts";
import { ImageFeed, ImageItem } from "../vision/image-feed.ts";

type Manifest = ManifestOf<"image-classification">;

export async function loadImageClassification(parts: PipelineParts, manifest: Manifest): Promise<Pipeline> {
  quietDecoder();
  const session = await parts.open(manifest.model);
  return new ImageClassification(session, manifest, await readLabels(parts, manifest.labels), parts.onnx);
}

class ImageClassification implements Pipeline {
  readonly limits: TaskLimits;
  readonly #session: Session;
  readonly #activation: Manifest["activation"];
  readonly #feed: ImageFeed;
  readonly #output: string;
  readonly #labels: readonly string[];

  constructor(session: Session, manifest: Manifest, labels: readonly string[], onnx: OnnxOptions) {
    this.#session = session;
    this.#activation = manifest.activation;
    this.#labels = labels;
    this.#feed = new ImageFeed(session, manifest.image);
    this.#output = outputName(session, manifest.output, 0);
    const classes = session.outputs.find(({ name }) => name === this.#output)?.shape.at(-1);
    if (typeof classes === "number" && classes > 0) checkClasses(classes, labels.length);
    const items = this.#feed.mostItems(onnx);
    this.limits = { items, padded: items };
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { images, top } = askedOf(call, "image-classification");
    // One after the other: a request may bring many, and each is large while it is decoded.
    const items: ImageItem[] = [];
    for (const [index, image] of images.entries()) items.push(await this.#feed.prepare(image, images.length === 1 ? "image" : `image.${index}`));
    return {
      items,
      finish: (results) => Promise.resolve({ output: { task: "image-classification", labels: results.map((scores) => this.#best(scores, top)) } }),
    };
  }

  async run(items: readonly TaskItem[]): Promise<readonly Float32Array[]> {
    const images = items.map((item) => {
      assert(item instanceof ImageItem, "an item of another pipeline");
      return item;
    });
    const { data, shape } = floatOutput(await this.#session.run(this.#feed.feeds(images), [this.#output]), this.#output);
    const classes = shape.at(-1) ?? 0;
    checkClasses(classes, this.#labels.length);
    return images.map((_, index) => activate(data, index * classes, classes, this.#activation));
  }

  #best(scores: unknown, top: number | null): Label[] {
    assert(scores instanceof Float32Array, "a result of another pipeline");
    return bestLabels(scores, this.#labels, top);
  }
}

function checkClasses(classes: number, labels: number): void {
  if (classes !== labels) throw new InfernoError("manifest_invalid", `labels: there are ${labels}, the graph's output has ${classes} classes.`);
}
