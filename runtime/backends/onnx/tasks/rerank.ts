import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem } from "../../task-model.ts";
import { wrongTask } from "../asked.ts";
import { activate } from "../label-scores.ts";
import type { LoadPipeline, PipelineParts } from "../pipeline.ts";
import { misfit } from "../text/text-graph.ts";
import { countTokens, TextItem, textItems } from "../text/text-item.ts";
import { loadTextModel, type TextModel } from "../text/text-model.ts";
import { TextPipeline } from "../text/text-pipeline.ts";

type Manifest = ManifestOf<"rerank">;

/** Scores of documents for a query; both are read together. */
class RerankPipeline extends TextPipeline {
  readonly #manifest: Manifest;

  constructor(model: TextModel, manifest: Manifest, onnx: PipelineParts["onnx"]) {
    super(model, onnx);
    this.#manifest = manifest;
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    if (call.kind !== "rerank") throw wrongTask(call, "rerank");
    const { tokenizer, graph } = this.model;
    const items = call.documents.map((document, index) => new TextItem(tokenizer.pair(call.query, document, `documents.${index}`), graph.fixedLength));
    return { items, finish: async (results) => ({ scores: results.map(Number), tokens: countTokens(items) }) };
  }

  async run(items: readonly TaskItem[]): Promise<readonly number[]> {
    const { values, shape } = await this.model.graph.run(textItems(items));
    const { activation } = this.#manifest;
    const columns = shape.length === 1 ? 1 : shape[1] ?? 0;
    checkColumns(columns, shape, activation);
    // Of two logits, "not relevant" and "relevant", the second is the score.
    return items.map((_, row) => activate(values, row * columns, columns, activation).at(-1)!);
  }
}

function checkColumns(columns: number, shape: readonly (number | string)[], activation: Manifest["activation"]): void {
  if (shape.length <= 2 && (columns === 1 ? activation !== "softmax" : columns === 2 && activation === "softmax")) return;
  throw misfit("activation", `the graph gives [${shape.join(", ")}], which ${activation} does not make one score of: one number wants \`sigmoid\` or \`none\`, two want \`softmax\``);
}

export const loadRerank: LoadPipeline<Manifest> = async (parts, manifest) => {
  const model = await loadTextModel(parts, manifest);
  const { shape } = model.graph;
  const columns = shape.length === 1 ? 1 : shape[1];
  if (shape.length > 0 && typeof columns === "number") checkColumns(columns, shape, manifest.activation);
  return new RerankPipeline(model, manifest, parts.onnx);
};
