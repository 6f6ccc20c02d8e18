import type { GraphValue } from "../../../../../protocol/graph.ts";
import type { FolderFacts, ModelFacts } from "../../../../../runtime/onnx-file/recipes/facts.ts";

export const value = (name: string, type: string, shape: GraphValue["shape"]): GraphValue => ({ name, type, shape });
export const model = (file: string, inputs: GraphValue[], outputs: GraphValue[]): ModelFacts => ({ file, inputs, outputs });

/** With an input of another type. */
export const retyped = ({ file, inputs, outputs }: ModelFacts, name: string, type: string): ModelFacts => ({ file, outputs, inputs: inputs.map((input) => (input.name === name ? { ...input, type } : input)) });

/** A folder with these models and nothing else, but for what is said. */
export const folder = (models: readonly ModelFacts[], further: Partial<FolderFacts> = {}): FolderFacts => ({
  models, tokenizer: null, architectures: [], labels: null, maxTokens: null, pooling: null, image: null, lists: [], vocabularies: [], ...further,
});

const batch = "batch_size";
const tokens = [batch, "sequence_length"];
export const textInputs = [value("input_ids", "int64", tokens), value("attention_mask", "int64", tokens), value("token_type_ids", "int64", tokens)];
export const miniLm = model("onnx/model_q4.onnx", textInputs, [value("last_hidden_state", "float32", [...tokens, 384])]);
export const classifier = (labels: number | string): ModelFacts => model("model.onnx", textInputs.slice(0, 2), [value("logits", "float32", [batch, labels])]);

const image = (height: number | null): GraphValue => value("x", "float32", [null, 3, height, null]);
export const detector = model("det.onnx", [image(null)], [value("sigmoid_0.tmp_0", "float32", [null, 1, null, null])]);
export const recogniser = model("rec.onnx", [image(48)], [value("softmax_11.tmp_0", "float32", [null, null, 6625])]);
export const orienter = model("ch_cls.onnx", [image(null)], [value("softmax_0.tmp_0", "float32", [null, 2])]);
export const characters = { lists: [{ file: "labels.txt", lines: 10 }, { file: "keys.txt", lines: 6623 }] };

export const silero = model("silero.onnx",
  [value("input", "float32", [null, null]), value("state", "float32", [2, null, 128]), value("sr", "int64", [])],
  [value("output", "float32", [null, 1]), value("stateN", "float32", [null, null, null])]);
export const sileroFour = model("legacy.onnx",
  [value("input", "float32", ["batch", "sequence"]), value("sr", "int64", []), value("h", "float32", [2, "batch", 64]), value("c", "float32", [2, "batch", 64])],
  [value("output", "float32", ["batch", 1]), value("hn", "float32", [2, "batch", 64]), value("cn", "float32", [2, "batch", 64])]);

const pixels = value("pixel_values", "float32", ["b", 3, 224, 224]);
export const mobileNet = model("model.onnx", [pixels], [value("logits", "float32", ["b", 1000])]);
export const yolo = model("yolo.onnx", [value("images", "float32", [1, 3, 640, 640])], [value("output0", "float32", [1, 84, 8400])]);
export const detr = model("detr.onnx", [pixels], [value("logits", "float32", ["b", 100, 92]), value("pred_boxes", "float32", ["b", 100, 4])]);
export const keras = model("keras.onnx", [value("input_1", "float32", [null, 299, 299, 3])], [value("dense", "float32", [null, 5])]);

export const whisperEncoder = model("onnx/encoder_model.onnx", [value("input_features", "float32", [batch, 80, 3000])], [value("last_hidden_state", "float32", [batch, 1500, 384])]);
export const whisperDecoder = model("onnx/decoder_model_merged.onnx",
  [value("input_ids", "int64", tokens), value("encoder_hidden_states", "float32", [batch, 1500, 384]), value("past_key_values.0.decoder.key", "float32", [batch, 6, "past", 64]), value("use_cache_branch", "bool", [1])],
  [value("logits", "float32", [...tokens, 51865])]);
export const speaker = model("voice.onnx",
  [value("input_ids", "int64", [1, "units"]), value("style", "float32", [1, 256]), value("speed", "float32", [1])], [value("waveform", "float32", [1, "samples"])]);
export const vits = model("vits.onnx",
  [value("input", "int64", [1, "units"]), value("input_lengths", "int64", [1]), value("length_scale", "float32", [1])], [value("output", "float32", [1, 1, "samples"])]);
export const languageModel = model("model.onnx",
  [...textInputs.slice(0, 2), value("past_key_values.0.key", "float32", [batch, 4, "past", 64])], [value("logits", "float32", [...tokens, 32000])]);
export const word = model("word.onnx", [value("samples", "float32", [1, 16000])], [value("score", "float32", [1, 1])]);
