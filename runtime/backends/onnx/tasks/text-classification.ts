import { assert } from "../../../../base/assert.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { activate, bestLabels } from "../label-scores.ts";
import { readLabels } from "../labels.ts";
import type { LoadPipeline, PipelineParts } from "../pipeline.ts";
import { checkShape } from "../text/text-graph.ts";
import { countTokens, TextItem, textItems } from "../text/text-item.ts";
import { inputName, loadTextModel, type TextModel } from "../text/text-model.ts";
import { TextPipeline } from "../text/text-pipeline.ts";

type Manifest = ManifestOf<"text-classification">;

/** Labels of whole texts. */
class TextClassificationPipeline extends TextPipeline {
  readonly #activation: Manifest["activation"];
  readonly #labels: readonly string[];

  constructor(model: TextModel, activation: Manifest["activation"], labels: readonly string[], onnx: PipelineParts["onnx"]) {
    super(model, onnx);
    this.#activation = activation;
    this.#labels = labels;
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { texts, top } = askedOf(call, "text-classification");
    const { tokenizer, graph } = this.model;
    const items = texts.map((text, index) => new TextItem(tokenizer.text(text, inputName("input", index, texts.length)), graph.fixedLength));
    return {
      items,
      finish: async (results) => ({ output: { task: "text-classification", labels: results.map((scores) => this.#best(scores, top)), tokens: countTokens(items) } }),
    };
  }

  async run(items: readonly TaskItem[]): Promise<readonly Float32Array[]> {
    const { graph } = this.model;
    const { values } = await graph.run(textItems(items), [null, this.#labels.length]);
    return items.map((_, row) => activate(values, row * this.#labels.length, this.#labels.length, this.#activation));
  }

  #best(scores: unknown, top: number | null): ReturnType<typeof bestLabels> {
    assert(scores instanceof Float32Array, "a result of another pipeline");
    return bestLabels(scores, this.#labels, top);
  }
}

export const loadTextClassification: LoadPipeline<Manifest> = async (parts, manifest) => {
  const labels = await readLabels(parts, manifest.labels);
  const model = await loadTextModel(parts, manifest);
  checkShape(model.graph.shape, [null, labels.length]);
  return new TextClassificationPipeline(model, manifest.activation, labels, parts.onnx);
};
