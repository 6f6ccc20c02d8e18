import { readFile } from "node:fs/promises";
import { assert } from "../../../../base/assert.ts";
import type { TextLine } from "../../../../protocol/infer.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem, TaskLimits } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import type { Pipeline, PipelineParts } from "../pipeline.ts";
import { decodeImage, quietDecoder } from "../vision/decode-image.ts";
import { openImage } from "../vision/image-file.ts";
import { LineOrientation } from "../vision/line-orientation.ts";
import { LineRecogniser } from "../vision/line-recogniser.ts";
import type { Picture, Quad } from "../vision/picture.ts";
import { readingOrder } from "../vision/reading-order.ts";
import { TextDetector } from "../vision/text-detector.ts";
import { waysToRead } from "../vision/vertical-lines.ts";

/** Regions that read worse are no text: textures, drawings, edges. */
const leastScore = 0.5;

export async function loadOcr(parts: PipelineParts, { detect, orient, recognise }: ManifestOf<"ocr">): Promise<Pipeline> {
  quietDecoder();
  const characters = await readCharacters(parts.file(recognise.characters));
  const detector = new TextDetector(await parts.open(detect.model), detect);
  const orientation = orient === undefined ? null : new LineOrientation(await parts.open(orient.model), orient.threshold);
  return new Ocr(detector, orientation, new LineRecogniser(await parts.open(recognise.model), recognise, characters));
}

class PageItem implements TaskItem {
  readonly length = 1;
  readonly picture: Picture;

  constructor(picture: Picture) {
    this.picture = picture;
  }
}

class Ocr implements Pipeline {
  /** A page is many runs already: other requests get their turn after it. */
  readonly limits: TaskLimits = { items: 1, padded: 1 };
  readonly #detector: TextDetector;
  readonly #orientation: LineOrientation | null;
  readonly #recogniser: LineRecogniser;

  constructor(detector: TextDetector, orientation: LineOrientation | null, recogniser: LineRecogniser) {
    this.#detector = detector;
    this.#orientation = orientation;
    this.#recogniser = recogniser;
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { image } = askedOf(call, "ocr");
    const picture = await decodeImage(await openImage(image));
    const { width, height } = picture;
    return {
      items: [new PageItem(picture)],
      finish: ([lines]) => {
        assert(Array.isArray(lines), "a result of another pipeline");
        return Promise.resolve({ output: { task: "ocr", width, height, lines } });
      },
    };
  }

  async run(items: readonly TaskItem[], signal?: AbortSignal): Promise<readonly (readonly TextLine[])[]> {
    const pages: TextLine[][] = [];
    for (const item of items) {
      assert(item instanceof PageItem, "an item of another pipeline");
      pages.push(await this.#read(item.picture, signal));
    }
    return pages;
  }

  async #read(page: Picture, signal: AbortSignal | undefined): Promise<TextLine[]> {
    const ways = (await this.#detector.find(page)).flatMap((box, index) => waysToRead(box).map((corners) => ({ box: index, corners })));
    const level = ways.map(({ corners }) => corners);
    const upright = this.#orientation === null ? level : await this.#orientation.upright(page, level, signal);
    const texts = await this.#recogniser.read(page, upright, signal);
    const best = new Map<number, TextLine & { readonly corners: Quad }>();
    ways.forEach(({ box }, index) => {
      const { text, score } = texts[index] ?? { text: "", score: 0 };
      const corners = upright[index];
      if (corners !== undefined && score > Math.max(leastScore, best.get(box)?.score ?? 0) && text.trim() !== "") best.set(box, { text: text.trim(), score, corners });
    });
    const lines = [...best.values()];
    return readingOrder(lines.map(({ corners }) => corners)).flatMap((index) => lines[index] ?? []);
  }
}

/** One character a line; a line may be a space of a width of its own. */
async function readCharacters(path: string): Promise<string[]> {
  const lines = (await readFile(path, "utf8")).split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
