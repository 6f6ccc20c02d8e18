import { assert } from "../../../../base/assert.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { TextEntity } from "../../../../protocol/infer.ts";
import type { Prepared, TaskCall, TaskItem } from "../../task-model.ts";
import { askedOf } from "../asked.ts";
import { activate, bestLabels } from "../label-scores.ts";
import { readLabels } from "../labels.ts";
import type { LoadPipeline, PipelineParts } from "../pipeline.ts";
import { joinedEntities, tokenEntities } from "../text/entities.ts";
import { checkShape } from "../text/text-graph.ts";
import { countTokens, TextItem, textItems } from "../text/text-item.ts";
import { inputName, loadTextModel, type TextModel } from "../text/text-model.ts";
import { TextPipeline } from "../text/text-pipeline.ts";
import { tokenSpans } from "../text/token-spans.ts";

type Manifest = ManifestOf<"token-classification">;

/** Labels of parts of texts. */
class TokenClassificationPipeline extends TextPipeline {
  readonly #aggregate: boolean;
  readonly #labels: readonly string[];

  constructor(model: TextModel, aggregate: boolean, labels: readonly string[], onnx: PipelineParts["onnx"]) {
    super(model, onnx);
    this.#aggregate = aggregate;
    this.#labels = labels;
  }

  async prepare(call: TaskCall): Promise<Prepared> {
    const { texts } = askedOf(call, "token-classification");
    const { tokenizer, graph } = this.model;
    const encoded = texts.map((text, index) => tokenizer.text(text, inputName("input", index, texts.length)));
    const items = encoded.map((text) => new TextItem(text, graph.fixedLength));
    return {
      items,
      finish: async (results) => {
        const entities = results.map((logits, index) => this.#entities(texts[index]!, encoded[index]!.tokens, logits));
        return { output: { task: "token-classification", entities, tokens: countTokens(items) } };
      },
    };
  }

  /** Of each text its logits, token by token, without padding. */
  async run(items: readonly TaskItem[]): Promise<readonly Float32Array[]> {
    const { values, shape: [, columns = 0] } = await this.model.graph.run(textItems(items), [null, null, this.#labels.length]);
    const row = columns * this.#labels.length;
    return textItems(items).map(({ ids }, index) => values.slice(index * row, index * row + ids.length * this.#labels.length));
  }

  #entities(text: string, tokens: readonly string[], logits: unknown): TextEntity[] {
    assert(logits instanceof Float32Array, "a result of another pipeline");
    const spans = tokenSpans(text, tokens, this.model.file.style);
    const labelled = spans.map((span, index) => {
      const scores = activate(logits, index * this.#labels.length, this.#labels.length, "softmax");
      return { ...bestLabels(scores, this.#labels, 1)[0]!, span };
    });
    return this.#aggregate ? joinedEntities(text, labelled) : tokenEntities(text, labelled);
  }
}

export const loadTokenClassification: LoadPipeline<Manifest> = async (parts, manifest) => {
  const labels = await readLabels(parts, manifest.labels);
  const model = await loadTextModel(parts, manifest);
  checkShape(model.graph.shape, [null, null, labels.length]);
  return new TokenClassificationPipeline(model, manifest.aggregate, labels, parts.onnx);
};
