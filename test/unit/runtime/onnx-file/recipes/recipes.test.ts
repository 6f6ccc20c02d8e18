import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { Manifest } from "../../../../../protocol/manifest.ts";
import type { FolderFacts, ManifestInput } from "../../../../../runtime/onnx-file/recipes/facts.ts";
import { manifestText } from "../../../../../runtime/onnx-file/recipes/manifest-text.ts";
import { clearChoice, recipesFor } from "../../../../../runtime/onnx-file/recipes/recipes.ts";
import * as known from "./facts.ts";

const { folder } = known;
const withTokenizer = { tokenizer: "tokenizer.json" };
const labels = (count: number) => ({ labels: { file: "config.json", count } });

/** What a known model is taken for without a question, or null where somebody has to choose. */
const cases: [name: string, facts: FolderFacts, task: string | null, manifest?: Partial<ManifestInput> | Record<string, unknown>][] = [
  ["MiniLM", folder([known.miniLm], { ...withTokenizer, maxTokens: 512 }), "embedding", { model: "onnx/model_q4.onnx", pooling: "mean", max_tokens: 512, tensors: { types: "token_type_ids" } }],
  ["BGE, which takes the first token", folder([known.miniLm], { ...withTokenizer, pooling: "cls" }), "embedding", { pooling: "cls" }],
  ["vectors that the graph has pooled", folder([known.model("m.onnx", known.textInputs.slice(0, 1), [known.value("sentence_embedding", "float32", ["b", 384])])], withTokenizer), "embedding", { pooling: "none", tensors: { mask: null } }],
  ["a cross-encoder", folder([known.classifier(1)], withTokenizer), "rerank"],
  ["sentiments", folder([known.classifier(2)], { ...withTokenizer, ...labels(2) }), "text-classification", { labels: "config.json" }],
  ["labels that nobody named", folder([known.classifier(3)], withTokenizer), "text-classification", { labels: ["0", "1", "2"] }],
  ["names in texts", folder([known.model("m.onnx", known.textInputs, [known.value("logits", "float32", ["b", "s", 9])])], { ...withTokenizer, ...labels(9), architectures: ["BertForTokenClassification"] }), "token-classification"],
  ["PP-OCR, by its detector", folder([known.detector, known.recogniser, known.orienter], known.characters), "ocr", { detect: { model: "det.onnx" }, orient: { model: "ch_cls.onnx" }, recognise: { model: "rec.onnx", height: 48, characters: "keys.txt", space: true } }],
  ["PP-OCR, by its recogniser", folder([known.recogniser, known.detector], known.characters), "ocr"],
  ["PP-OCR, by what turns lines", folder([known.orienter, known.recogniser, known.detector], known.characters), "ocr"],
  ["a detector without a recogniser", folder([known.detector]), null],
  ["Silero's fifth version", folder([known.silero]), "vad", { window: 512, context: 64 }],
  ["the fourth, with two states", folder([known.sileroFour]), "raw"],
  ["MobileNet", folder([known.mobileNet], { ...labels(1000), image: { width: 224, height: 224, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], resize: "cover" } }), "image-classification", { labels: "config.json" }],
  ["channels last", folder([known.keras]), "image-classification", { labels: ["0", "1", "2", "3", "4"] }],
  ["YOLO", folder([known.yolo]), "object-detection", { head: "yolo", outputs: ["output0"] }],
  ["DETR", folder([known.detr], labels(91)), "object-detection", { head: "detr", labels: "config.json", outputs: ["logits", "pred_boxes"] }],
  ["Whisper, by its encoder", folder([known.whisperEncoder, known.whisperDecoder], withTokenizer), "transcription", { mels: 80, decoder: "onnx/decoder_model_merged.onnx" }],
  ["Whisper, by its decoder", folder([known.whisperDecoder, known.whisperEncoder], withTokenizer), "transcription", { encoder: "onnx/encoder_model.onnx" }],
  ["a voice", folder([known.speaker], { vocabularies: ["tokens.json"] }), "speech", { characters: "tokens.json", tensors: { ids: "input_ids", speed: "speed", voice: "style", output: "waveform" } }],
  ["a voice that is told how long to speak", folder([known.vits], { vocabularies: ["tokens.json"] }), "speech", { tensors: { ids: "input", lengths: "input_lengths", length_scale: "length_scale", output: "output" } }],
  ["a wake word", folder([known.word]), "wake-word", { window: 16_000 }],
  ["MiniLM with ids that are not given to it", folder([known.retyped(known.miniLm, "input_ids", "int32")], withTokenizer), "raw"],
  ["MiniLM with a mask that is not", folder([known.retyped(known.miniLm, "attention_mask", "int32")], withTokenizer), "raw"],
  ["Silero in half precision", folder([known.retyped(known.silero, "input", "float16")]), "raw"],
  ["a wake word in half precision", folder([known.retyped(known.word, "samples", "float16")]), "raw"],
  ["a voice in half precision", folder([known.retyped(known.speaker, "speed", "float16")], { vocabularies: ["tokens.json"] }), "raw"],
  ["a language model", folder([known.languageModel], withTokenizer), "raw"],
  ["something else", folder([known.model("m.onnx", [known.value("a", "float32", null)], [known.value("b", "float32", null)])]), "raw"],
];

describe("what a model is for", () => {
  for (const [name, facts, task, manifest = {}] of cases) {
    test(`${name}: ${task ?? "a person chooses"}`, () => {
      const recipes = recipesFor(facts);
      assert.equal(clearChoice(recipes)?.task ?? null, task);
      const [first] = recipes;
      assert.ok(first !== undefined && first.reasons.length > 0);
      for (const [key, expected] of Object.entries(manifest)) assert.deepEqual((first.manifest as Record<string, unknown>)[key], expected, key);
    });
  }

  test("what lacks a file comes last, and says which", () => {
    const recipes = recipesFor(folder([known.miniLm]));
    assert.deepEqual(recipes.map(({ task, missing }) => [task, missing]), [["embedding", ["tokenizer.json"]], ["raw", []]]);
    assert.equal(clearChoice(recipes), null);
    const [ocr] = recipesFor(folder([known.recogniser, known.detector]));
    assert.match(ocr?.missing.join() ?? "", /6623 characters/);
  });

  test("labels are a file's only when there are as many as the graph has", () => {
    const [first] = recipesFor(folder([known.mobileNet], labels(999)));
    assert.equal((first?.manifest as { labels: string[] }).labels.length, 1000);
    assert.match(first?.assumed.join() ?? "", /labels/);
  });

  test("without a model there is nothing to say", () => assert.deepEqual(recipesFor(folder([])), []));
});

test("every recipe makes a valid manifest, whatever the graph", () => {
  const dimension = fc.oneof(fc.constantFrom(1, 2, 3, 4, 48, 64, 84, 224, 512, 16_000), fc.constant(null), fc.constant("n"));
  const names = ["input_ids", "attention_mask", "x", "state", "sr", "input", "logits", "boxes", "scores", "labels", "speed", "input_features", "encoder_hidden_states"];
  const graphValue = fc.record({ name: fc.constantFrom(...names), type: fc.constantFrom("float32", "int64", "uint8"), shape: fc.option(fc.array(dimension, { maxLength: 5 })) });
  const values = fc.uniqueArray(graphValue, { maxLength: 4, selector: ({ name }) => name });
  const models = fc.array(fc.record({ file: fc.constantFrom("a.onnx", "cls.onnx"), inputs: values, outputs: values }), { minLength: 1, maxLength: 3 });
  const further = fc.record({ tokenizer: fc.option(fc.constant("tokenizer.json")), labels: fc.option(fc.record({ file: fc.constant("l.txt"), count: fc.constantFrom(2, 80, 84) })) });
  fc.assert(fc.property(models, further, (graphs, rest) => {
    const recipes = recipesFor(folder(graphs, rest));
    assert.equal(recipes.at(-1)?.task, "raw");
    for (const recipe of recipes) {
      const text = manifestText(recipe);
      assert.equal(Manifest.parse(parse(text)).task, recipe.task);
      assert.match(text, /^# .*\n# Because/);
    }
  }), { numRuns: 500 });
});
