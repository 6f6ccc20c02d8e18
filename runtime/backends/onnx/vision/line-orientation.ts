import { InfernoError } from "../../../../protocol/errors.ts";
import type { Session } from "../session.ts";
import { floatOutput } from "./float-output.ts";
import { lineBatch } from "./line-batch.ts";
import { graphInput, graphOutput } from "./only-value.ts";
import type { Picture, Quad } from "./picture.ts";

/** What the classifier is trained with; a line's beginning is enough. */
const [width, height] = [192, 48];
const batch = 32;

/** Turns lines that stand on their heads. */
export class LineOrientation {
  readonly #session: Session;
  readonly #threshold: number;
  readonly #input: string;
  readonly #output: string;

  /** Throws InfernoError `manifest_invalid` for a classifier of anything but upright and upside down. */
  constructor(session: Session, threshold: number) {
    this.#session = session;
    this.#threshold = threshold;
    this.#input = graphInput(session, "orient", 4);
    this.#output = graphOutput(session, "orient");
    const classes = session.outputs[0]?.shape.at(-1);
    if (typeof classes === "number" && classes > 0) checkClasses(classes);
  }

  /** The lines with their corners clockwise from the text's own top left. Those of which the classifier is not sure stand as most of the others do. */
  async upright(page: Picture, lines: readonly Quad[], signal?: AbortSignal): Promise<Quad[]> {
    const turned: number[] = [];
    for (let begin = 0; begin < lines.length; begin += batch) {
      signal?.throwIfAborted();
      const some = lines.slice(begin, begin + batch);
      const outputs = await this.#session.run({ [this.#input]: lineBatch(page, some, width, height) }, [this.#output]);
      const { data } = floatOutput(outputs, this.#output);
      checkClasses(data.length / some.length);
      turned.push(...some.map((_, index) => data[2 * index + 1] ?? 0));
    }
    const isTurned = decide(turned, this.#threshold);
    return lines.map(([a, b, c, d], index) => (isTurned[index] === true ? [c, d, a, b] : [a, b, c, d]));
  }
}

function checkClasses(classes: number): void {
  if (classes !== 2) throw new InfernoError("manifest_invalid", `orient.model: the graph gives ${classes} classes a line, not two: upright and upside down.`);
}

/** Which lines stand on their heads, from the classifier's probabilities of it. */
export function decide(turned: readonly number[], threshold: number): boolean[] {
  const sure = turned.filter((probability) => Math.max(probability, 1 - probability) > threshold);
  const mostAre = 2 * sure.filter((probability) => probability > threshold).length > sure.length;
  return turned.map((probability) => probability > threshold || (probability >= 1 - threshold && mostAre));
}
