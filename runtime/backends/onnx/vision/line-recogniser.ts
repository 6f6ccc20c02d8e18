import { InfernoError } from "../../../../protocol/errors.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Session } from "../session.ts";
import type { ReadText } from "./ctc.ts";
import { readCtc } from "./ctc.ts";
import { floatOutput } from "./float-output.ts";
import { lineBatch, lineWidth } from "./line-batch.ts";
import { graphInput, graphOutput } from "./only-value.ts";
import type { Picture, Quad } from "./picture.ts";

/** Reads straightened lines. */
export class LineRecogniser {
  readonly #session: Session;
  readonly #options: ManifestOf<"ocr">["recognise"];
  readonly #characters: readonly string[];
  readonly #input: string;
  readonly #output: string;

  /** Throws InfernoError `manifest_invalid` when the characters are not the graph's. */
  constructor(session: Session, options: ManifestOf<"ocr">["recognise"], characters: readonly string[]) {
    this.#session = session;
    this.#options = options;
    this.#characters = options.space ? [...characters, " "] : characters;
    this.#input = graphInput(session, "recognise", 4);
    this.#output = graphOutput(session, "recognise");
    const classes = session.outputs[0]?.shape.at(-1);
    if (typeof classes === "number" && classes > 0) this.#checkClasses(classes);
  }

  /** In the order of the lines. Lines of similar width share a run, because the shorter ones are padded. */
  async read(page: Picture, lines: readonly Quad[], signal?: AbortSignal): Promise<ReadText[]> {
    const { height, batch } = this.#options;
    const byWidth = lines.map((corners, index) => ({ corners, index, width: lineWidth(corners, height) })).sort((a, b) => a.width - b.width);
    const texts = new Map<number, ReadText>();
    for (let begin = 0; begin < byWidth.length; begin += batch) {
      signal?.throwIfAborted();
      const some = byWidth.slice(begin, begin + batch);
      const width = some.at(-1)?.width ?? 1;
      const outputs = await this.#session.run({ [this.#input]: lineBatch(page, some.map(({ corners }) => corners), width, height) }, [this.#output]);
      const { data, shape } = floatOutput(outputs, this.#output);
      const [, steps = 0, classes = 0] = shape;
      this.#checkClasses(classes);
      some.forEach(({ index }, row) => texts.set(index, readCtc(data, row * steps * classes, steps, this.#characters)));
    }
    return lines.map((_, index) => texts.get(index) ?? { text: "", score: 0 });
  }

  #checkClasses(classes: number): void {
    const expected = this.#characters.length + 1;
    if (classes === expected) return;
    throw new InfernoError("manifest_invalid", `recognise.characters: with the blank${this.#options.space ? " and the space" : ""} they are ${expected}, the graph has ${classes} classes.`);
  }
}
