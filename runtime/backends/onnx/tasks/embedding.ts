import { assert } from "../../../../base/assert.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem } from "../../task-model.ts";
import { wrongTask } from "../asked.ts";
import { finite } from "../float-values.ts";
import type { LoadPipeline, PipelineParts } from "../pipeline.ts";
import { pool, toUnitLength } from "../text/pooling.ts";
import { checkShape, type TextOutput } from "../text/text-graph.ts";
import { countTokens, TextItem, textItems } from "../text/text-item.ts";
import { inputName, loadTextModel, type TextModel } from "../text/text-model.ts";
import { TextPipeline } from "../text/text-pipeline.ts";

type Manifest = ManifestOf<"embedding">;

/** Vectors of texts. */
class EmbeddingPipeline extends TextPipeline {
  readonly #manifest: Manifest;

  constructor(model: TextModel, manifest: Manifest, onnx: PipelineParts["onnx"]) {
    super(model, onnx);
    this.#manifest = manifest;
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    if (call.kind !== "embed") throw wrongTask(call, "embedding");
    const { tokenizer, graph } = this.model;
    const items = call.inputs.map((input, index) => {
      const name = inputName("input", index, call.inputs.length);
      return new TextItem(typeof input === "string" ? tokenizer.text(input, name) : tokenizer.tokens(input, name), graph.fixedLength);
    });
    return { items, finish: async (results) => ({ vectors: results.map(asVector), tokens: countTokens(items) }) };
  }

  async run(items: readonly TaskItem[]): Promise<readonly Float32Array[]> {
    const texts = textItems(items);
    const { pooling, normalize } = this.#manifest;
    const output = await this.model.graph.run(texts, shapes[pooling]);
    return texts.map((item, row) => {
      const vector = finite(vectorOf(output, row, item.ids.length, pooling), "vector");
      return normalize ? toUnitLength(vector) : vector;
    });
  }
}

/** What the graph must give, by what is still to be done. */
const shapes = { none: [null, null], mean: [null, null, null], cls: [null, null, null], last: [null, null, null] } as const;

function vectorOf({ values, shape: [, columns = 0, size = 0] }: TextOutput, row: number, count: number, pooling: Manifest["pooling"]): Float32Array {
  if (pooling === "none") return values.slice(row * columns, (row + 1) * columns);
  return pool({ values, offset: row * columns * size, count, size }, pooling);
}

function asVector(result: unknown): Float32Array {
  assert(result instanceof Float32Array, "a result of another pipeline");
  return result;
}

export const loadEmbedding: LoadPipeline<Manifest> = async (parts, manifest) => {
  const model = await loadTextModel(parts, manifest);
  checkShape(model.graph.shape, shapes[manifest.pooling]);
  return new EmbeddingPipeline(model, manifest, parts.onnx);
};
