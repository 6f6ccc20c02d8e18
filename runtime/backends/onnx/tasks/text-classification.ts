import { assert } from "../../../../base/assert.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { Prepared, TaskCall, TaskItem, TaskLimits } from "../../task-model.ts";
import { activate, bestLabels } from "../label-scores.ts";
import { readLabels } from "../labels.ts";
import type { LoadPipeline, Pipeline } from "../pipeline.ts";
import { checkShape } from "../text/text-graph.ts";
import { countTokens, TextItem, textItems } from "../text/text-item.ts";
import { inputName, loadTextModel, wrongTask, type TextModel } from "../text/text-model.ts";

type Manifest = ManifestOf<"text-classification">;

/** Labels of whole texts. */
class TextClassificationPipeline implements Pipeline {
  readonly limits: TaskLimits;
  readonly tokens: TextModel["tokens"];
  readonly #model: TextModel;
  readonly #activation: Manifest["activation"];
  readonly #labels: readonly string[];

  constructor(model: TextModel, activation: Manifest["activation"], labels: readonly string[], limits: TaskLimits) {
    this.#model = model;
    this.#activation = activation;
    this.#labels = labels;
    this.limits = limits;
    this.tokens = model.tokens;
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    if (call.kind !== "infer" || call.input.task !== "text-classification") throw wrongTask("text-classification", call);
    const { texts, top } = call.input;
    const { tokenizer, graph } = this.#model;
    const items = texts.map((text, index) => new TextItem(tokenizer.text(text, inputName("input", index, texts.length)), graph.fixedLength));
    return {
      items,
      finish: async (results) => ({ output: { task: "text-classification", labels: results.map((scores) => this.#best(scores, top)), tokens: countTokens(items) } }),
    };
  }

  async run(items: readonly TaskItem[]): Promise<readonly Float32Array[]> {
    const { graph } = this.#model;
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
  return new TextClassificationPipeline(model, manifest.activation, labels, model.graph.limits(parts.onnx));
};
