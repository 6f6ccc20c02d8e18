import { assert } from "../../../../base/assert.ts";
import type { Detection } from "../../../../protocol/infer.ts";
import type { OnnxOptions } from "../../../../protocol/config.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem, TaskLimits } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { readLabels } from "../labels.ts";
import type { Pipeline, PipelineParts } from "../pipeline.ts";
import type { Session } from "../session.ts";
import { quietDecoder } from "../vision/decode-image.ts";
import type { FrameBox } from "../vision/detection-heads.ts";
import { heads } from "../vision/detection-heads.ts";
import { floatOutput, outputName } from "../vision/float-output.ts";
import type { ImageItem } from "../vision/image-feed.ts";
import { ImageFeed } from "../vision/image-feed.ts";
import { withoutOverlaps } from "../vision/overlap.ts";
import type { Placement } from "../vision/placement.ts";
import { toPicture } from "../vision/placement.ts";

type Manifest = ManifestOf<"object-detection">;

/** With a threshold of 0 every place is a box; comparing all pairs of more than these would take seconds. */
const mostBoxes = 5000;

const outputsOf = { yolo: 1, detr: 2, boxes: 1 } as const;

export async function loadObjectDetection(parts: PipelineParts, manifest: Manifest): Promise<Pipeline> {
  quietDecoder();
  const session = await parts.open(manifest.model);
  return new ObjectDetection(session, manifest, await readLabels(parts, manifest.labels), parts.onnx);
}

class DetectionItem implements TaskItem {
  readonly length = 1;
  readonly image: ImageItem;
  readonly threshold: number;

  constructor(image: ImageItem, threshold: number) {
    this.image = image;
    this.threshold = threshold;
  }
}

class ObjectDetection implements Pipeline {
  readonly limits: TaskLimits;
  readonly #session: Session;
  readonly #manifest: Manifest;
  readonly #feed: ImageFeed;
  readonly #outputs: readonly string[];
  readonly #labels: readonly string[];

  constructor(session: Session, manifest: Manifest, labels: readonly string[], onnx: OnnxOptions) {
    this.#session = session;
    this.#manifest = manifest;
    this.#labels = labels;
    this.#feed = new ImageFeed(session, manifest.image);
    // Of `boxes` there may be one output or three.
    const count = manifest.outputs?.length ?? (manifest.head === "boxes" && session.outputs.length >= 3 ? 3 : outputsOf[manifest.head]);
    this.#outputs = Array.from({ length: Math.max(count, outputsOf[manifest.head]) }, (_, index) => outputName(session, manifest.outputs?.[index], index));
    const items = this.#feed.mostItems(onnx);
    this.limits = { items, padded: items };
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { image, threshold } = askedOf(call, "object-detection");
    const item = new DetectionItem(await this.#feed.prepare(image), threshold ?? this.#manifest.threshold);
    const { placement } = item.image;
    const finish: Prepared["finish"] = ([found]) => {
      assert(Array.isArray(found), "a result of another pipeline");
      const { width, height } = placement.picture;
      return Promise.resolve({ output: { task: "object-detection", width, height, detections: this.#detections(found, placement) } });
    };
    return { items: [item], finish };
  }

  async run(items: readonly TaskItem[]): Promise<readonly (readonly FrameBox[])[]> {
    const asked = items.map((item) => {
      assert(item instanceof DetectionItem, "an item of another pipeline");
      return item;
    });
    const outputs = await this.#session.run(this.#feed.feeds(asked.map(({ image }) => image)), this.#outputs);
    const tensors = this.#outputs.flatMap((name) => (["float16", "float32"].includes(outputs[name]?.type ?? "") ? floatOutput(outputs, name) : outputs[name] ?? []));
    return asked.map(({ image, threshold }, row) => heads[this.#manifest.head](tensors, row, { frame: image.placement.frame, labels: this.#labels.length, threshold }));
  }

  #detections(found: readonly FrameBox[], placement: Placement): Detection[] {
    const best = [...found].sort((a, b) => b.score - a.score).slice(0, mostBoxes);
    const detections = best.map(({ label, score, left, top, right, bottom }) => {
      const [x, y] = toPicture(placement, [left, top]);
      const [endX, endY] = toPicture(placement, [right, bottom]);
      return { label: this.#labels[label] ?? String(label), score, box: { x, y, width: endX - x, height: endY - y } };
    });
    // Nothing is left of a box that lies wholly on the bars.
    return withoutOverlaps(detections.filter(({ box }) => box.width > 0 && box.height > 0), this.#manifest.overlap);
  }
}
