import { InfernoError } from "../../../../protocol/errors.ts";
import { noSuchTensor, nothingGiven } from "../../../../protocol/manifest-check.ts";
import type { EmbeddingManifest } from "../../../../protocol/manifest.ts";
import type { z } from "zod";
import type { TaskLimits } from "../../task-model.ts";
import { floatValues } from "../float-values.ts";
import type { PipelineParts } from "../pipeline.ts";
import type { GraphValue, Session } from "../session.ts";
import { int64, type Tensor } from "../tensors.ts";
import { padBatch, type FixedSize, type PaddedBatch } from "./padding.ts";
import type { TextItem } from "./text-item.ts";

/** What the manifests of all text tasks say of their graph. */
export type TextManifest = Pick<z.infer<typeof EmbeddingManifest>, "model" | "max_tokens" | "tensors" | "output">;

/** What a batch came to, row by row. */
export interface TextOutput {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A graph that takes token ids, with the inputs that its manifest names. */
export class TextGraph {
  readonly #session: Session;
  readonly #tensors: TextManifest["tensors"];
  readonly #output: string;
  readonly #padId: number;
  readonly #fixed: FixedSize;
  /** Sizes of the output; empty where the graph does not say. */
  readonly shape: GraphValue["shape"];

  constructor(session: Session, { tensors, output }: TextManifest, padId: number) {
    this.#session = session;
    this.#tensors = tensors;
    this.#padId = padId;
    const ids = checkedInputs(session, tensors);
    this.#fixed = { rows: fixedSize(ids.shape[0]), columns: fixedSize(ids.shape[1]) };
    const value = output === undefined ? session.outputs[0] : session.outputs.find(({ name }) => name === output);
    if (value === undefined) throw refused("output", noSuchTensor("output", "output", output ?? "", names(session.outputs)));
    this.#output = value.name;
    this.shape = value.shape;
  }

  /** In tokens; null where texts may have any length. */
  get fixedLength(): number | null {
    return this.#fixed.columns;
  }

  limits({ max_batch: most, max_batch_tokens: padded }: PipelineParts["onnx"]): TaskLimits {
    // Without a mask the graph cannot tell padding from text, so that nothing may be padded.
    const items = this.#tensors.mask === null ? 1 : Math.min(most, this.#fixed.rows ?? most);
    return { items, padded };
  }

  /** `expected`: the output's sizes, null where any will do; the first is always a row for each text. */
  async run(items: readonly TextItem[], expected?: readonly (number | null)[]): Promise<TextOutput> {
    const batch = padBatch(items, this.#padId, this.#fixed);
    const { [this.#output]: output } = await this.#session.run(this.#feeds(batch), [this.#output]);
    if (output === undefined || output.shape[0] !== batch.rows) {
      throw misfit("output", `${this.#output} has the shape [${output?.shape.join(", ") ?? ""}], not one row for each of ${batch.rows} texts`);
    }
    if (expected !== undefined) checkShape(output.shape, expected);
    return { values: floatValues(output, this.#output), shape: output.shape };
  }

  #feeds({ rows, columns, ids, mask, types }: PaddedBatch): Record<string, Tensor> {
    const { ids: idsName, mask: maskName, types: typesName } = this.#tensors;
    const shape = [rows, columns];
    return {
      [idsName]: int64(ids, shape),
      ...(maskName !== null && { [maskName]: int64(mask, shape) }),
      ...(typesName !== null && { [typesName]: int64(types, shape) }),
    };
  }
}

/** The input of ids, when manifest and graph agree on all inputs. */
function checkedInputs(session: Session, tensors: TextManifest["tensors"]): GraphValue {
  const wanted = new Map(Object.entries(tensors).flatMap(([role, name]) => (name === null ? [] : [[name, role]])));
  for (const [name, role] of wanted) {
    const input = session.inputs.find((value) => value.name === name);
    if (input === undefined) throw refused(`tensors.${role}`, noSuchTensor(`tensors.${role}`, "input", name, names(session.inputs)));
    if (input.type !== "int64") throw misfit(`tensors.${role}`, `the input ${name} is ${input.type}, not int64`);
  }
  const left = session.inputs.filter(({ name }) => !wanted.has(name));
  if (left.length > 0) throw refused("tensors", nothingGiven(names(left)));
  return session.inputs.find(({ name }) => name === tensors.ids)!;
}

const fixedSize = (size: number | string | undefined): number | null => (typeof size === "number" && size > 0 ? size : null);
const names = (values: readonly GraphValue[]): string[] => values.map(({ name }) => name);

/** Throws `manifest_invalid` when an output, as the graph declares it or as it came, has other sizes. An empty shape says nothing. */
export function checkShape(shape: GraphValue["shape"], expected: readonly (number | null)[]): void {
  const fits = shape.length === expected.length && expected.every((size, index) => size === null || typeof shape[index] === "string" || shape[index] === size);
  if (shape.length > 0 && !fits) throw misfit("output", `the graph gives [${shape.join(", ")}], not [${expected.map((size) => size ?? "any").join(", ")}]`);
}

export const misfit = (field: string, what: string): InfernoError => refused(field, `${field}: ${what}.`);

const refused = (field: string, message: string): InfernoError => new InfernoError("manifest_invalid", message, { param: field });
