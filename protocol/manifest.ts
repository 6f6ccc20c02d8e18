import { z } from "zod";
import { Matryoshka } from "./model.ts";

/** `inferno.model.yaml`: what an ONNX model is for, and what happens before and after its graph. Lies beside the model; paths are relative to it. */

const file = (description: string) => z.string().min(1).meta({ description });
const tensor = (description: string) => z.string().min(1).meta({ description });
const tensorOrNone = (description: string) => z.string().min(1).nullable().meta({ description });
const model = file("The ONNX file.").default("model.onnx");
const labels = z.union([z.array(z.string()).min(1), file("A JSON list, a Hugging Face `config.json`, or a text file with one label a line.")]).meta({ description: "The labels, in the order of the graph's output." });
const activation = z.enum(["softmax", "sigmoid", "none"]);
const positive = z.int().min(1);
const share = z.number().min(0).max(1);

const textInput = {
  tokenizer: file("A Hugging Face `tokenizer.json`.").default("tokenizer.json"),
  max_tokens: positive.max(1_048_576).default(512).meta({ description: "Longest input, in tokens. More is an error." }),
  tensors: z.strictObject({
    ids: tensor("Token ids, int64 [batch, tokens].").default("input_ids"),
    mask: tensorOrNone("1 for tokens, 0 for padding.").default("attention_mask"),
    types: tensorOrNone("Which of two texts a token is of; null where the graph has no such input.").default(null),
  }).prefault({}).meta({ description: "Names of the graph's inputs." }),
};

const ImageInput = z.strictObject({
  tensor: tensor("Name of the graph's input. Default: its only one.").optional(),
  width: positive.max(16_384).meta({ description: "Pixels." }),
  height: positive.max(16_384).meta({ description: "Pixels." }),
  layout: z.enum(["nchw", "nhwc"]).default("nchw").meta({ description: "Order of the input's dimensions." }),
  resize: z.enum(["stretch", "cover", "letterbox"]).default("stretch").meta({ description: "`stretch` ignores the proportions, `cover` cuts the edges off, `letterbox` adds bars." }),
  colors: z.enum(["rgb", "bgr", "gray"]).default("rgb"),
  scale: z.number().default(1 / 255).meta({ description: "Multiplies the values 0 to 255 first." }),
  mean: z.array(z.number()).min(1).max(3).default([0, 0, 0]).meta({ description: "Subtracted after scaling, by channel." }),
  std: z.array(z.number().positive()).min(1).max(3).default([1, 1, 1]).meta({ description: "Divided by after that, by channel." }),
}).meta({ id: "ImageInput", description: "How an image becomes a tensor." });
export type ImageInput = z.infer<typeof ImageInput>;

const sampleRate = positive.min(1000).max(192_000).default(16_000).meta({ description: "Samples a second that the graph takes; sound in another rate is converted." });

export const EmbeddingManifest = z.strictObject({
  task: z.literal("embedding"), model, ...textInput,
  output: tensor("The output to take: [batch, tokens, size], or [batch, size] where the graph has pooled already. Default: the first.").optional(),
  pooling: z.enum(["mean", "cls", "last", "none"]).default("mean").meta({ description: "How one vector is made of a text's tokens." }),
  normalize: z.boolean().default(true).meta({ description: "Scale vectors to length 1." }),
  matryoshka: Matryoshka.default(false).meta({ description: "Whether vectors may be shortened, or the lengths to which they may: for models trained so that the beginning of a vector is one too." }),
}).meta({ id: "EmbeddingManifest", description: "Vectors of texts." });

export const RerankManifest = z.strictObject({
  task: z.literal("rerank"), model, ...textInput,
  output: tensor("Logits, [batch, 1]. Default: the first.").optional(),
  activation: activation.default("sigmoid"),
}).meta({ id: "RerankManifest", description: "Scores of query and document, read together (cross-encoder)." });

export const TextClassificationManifest = z.strictObject({
  task: z.literal("text-classification"), model, ...textInput, labels, output: tensor("Logits, [batch, labels]. Default: the first.").optional(), activation: activation.default("softmax"),
}).meta({ id: "TextClassificationManifest", description: "Labels of texts." });

export const TokenClassificationManifest = z.strictObject({
  task: z.literal("token-classification"), model, ...textInput, labels, output: tensor("Logits, [batch, tokens, labels]. Default: the first.").optional(),
  aggregate: z.boolean().default(true).meta({ description: "Join tokens of one name (labels `B-…`, `I-…`, `O`)." }),
}).meta({ id: "TokenClassificationManifest", description: "Labels of parts of texts." });

export const ImageClassificationManifest = z.strictObject({
  task: z.literal("image-classification"), model, image: ImageInput, labels, output: tensor("[batch, labels]. Default: the first.").optional(), activation: activation.default("softmax"),
}).meta({ id: "ImageClassificationManifest", description: "Labels of images." });

export const ObjectDetectionManifest = z.strictObject({
  task: z.literal("object-detection"), model, image: ImageInput, labels,
  head: z.enum(["yolo", "detr", "boxes"]).meta({ description: "How the outputs are read: `yolo` [batch, 4 + labels, places]; `detr` logits and boxes; `boxes` corner boxes, scores and classes as the graph chose them." }),
  outputs: z.array(z.string()).min(1).max(3).optional().meta({ description: "Names of the outputs, in the head's order. Default: the graph's." }),
  threshold: share.default(0.25).meta({ description: "Least score." }),
  overlap: share.default(0.45).meta({ description: "Of two boxes that overlap by more (intersection over union), the better stays." }),
}).meta({ id: "ObjectDetectionManifest", description: "Things in images." });

export const OcrManifest = z.strictObject({
  task: z.literal("ocr"),
  detect: z.strictObject({
    model: file("Text detector with a probability map as output (DB)."),
    longest_side: positive.max(16_384).default(960).meta({ description: "Larger images are made smaller first." }),
    threshold: share.default(0.3).meta({ description: "Least probability of a pixel." }),
    box_threshold: share.default(0.6).meta({ description: "Least mean probability of a box." }),
    unclip: z.number().min(1).max(5).default(1.6).meta({ description: "How much boxes are widened." }),
    mean: z.array(z.number()).length(3).default([0.485, 0.456, 0.406]),
    std: z.array(z.number().positive()).length(3).default([0.229, 0.224, 0.225]),
  }),
  orient: z.strictObject({ model: file("Classifier of 0 and 180 degrees."), threshold: share.default(0.9) }).optional(),
  recognise: z.strictObject({
    model: file("Recogniser, CTC output [batch, time, characters]."),
    height: positive.default(48),
    characters: file("Text file with one character a line."),
    space: z.boolean().default(true).meta({ description: "The last class is the space." }),
    batch: positive.max(64).default(1).meta({ description: "Lines in one run. More pay on a GPU only: on a CPU eight lines at once take half as long again as one after the other." }),
  }),
}).meta({ id: "OcrManifest", description: "Text in images: find lines, turn them, read them." });

export const VadManifest = z.strictObject({
  task: z.literal("vad"), model, sample_rate: sampleRate,
  window: positive.default(512).meta({ description: "New samples for each run." }),
  context: z.int().min(0).default(64).meta({ description: "Samples of the window before that are put in front." }),
  tensors: z.strictObject({
    audio: tensor("[1, context + window]").default("input"), rate: tensorOrNone("The sample rate, int64.").default("sr"),
    state: tensor("State in.").default("state"), output: tensor("Probability of speech.").default("output"), next: tensor("State out.").default("stateN"),
  }).prefault({}),
  threshold: share.default(0.5), min_speech_ms: z.int().min(0).default(250), min_silence_ms: z.int().min(0).default(100), pad_ms: z.int().min(0).default(30),
}).meta({ id: "VadManifest", description: "Where somebody speaks." });

export const WakeWordManifest = z.strictObject({
  task: z.literal("wake-word"), model, sample_rate: sampleRate, words: z.array(z.string()).min(1),
  window: positive.meta({ description: "Samples, or with `features` frames, that the graph takes." }),
  hop: positive.meta({ description: "Samples between two runs." }),
  features: z.strictObject({ mels: positive.default(40), fft: positive.default(512), hop: positive.default(160), low: z.number().min(0).default(0), high: z.number().positive().optional() }).optional().meta({ description: "Log-mel frames instead of samples." }),
  threshold: share.default(0.5),
}).meta({ id: "WakeWordManifest", description: "A word to wait for." });

export const TranscriptionManifest = z.strictObject({
  task: z.literal("transcription"), encoder: file("Encoder: log-mel [batch, mels, frames] to states."), decoder: file("Decoder with KV cache inputs and outputs (merged)."),
  tokenizer: file("A Hugging Face `tokenizer.json`.").default("tokenizer.json"), sample_rate: sampleRate,
  mels: positive.default(80), fft: positive.default(400), hop: positive.default(160), chunk_seconds: z.number().positive().max(120).default(30),
  start: z.array(z.string()).min(1).meta({ description: "Tokens that the answer begins with; `{language}` stands for the language's token." }), end: z.string().meta({ description: "The token that ends an answer." }),
  max_tokens: positive.default(448),
}).meta({ id: "TranscriptionManifest", description: "Speech to text, encoder and decoder." });

export const SpeechManifest = z.strictObject({
  task: z.literal("speech"), model, sample_rate: sampleRate,
  characters: z.union([z.record(z.string(), z.int()), file("JSON: text unit → id.")]).meta({ description: "Ids of characters or phonemes." }),
  tensors: z.strictObject({ ids: tensor("int64 [1, units]").default("input"), lengths: tensorOrNone("int64 [1]").default(null), speed: tensorOrNone("float32 [1]: 2 is twice as fast.").default(null), length_scale: tensorOrNone("float32 [1]: 2 is twice as long, as VITS and its like have it.").default(null), voice: tensorOrNone("int64 [1], or float32 style").default(null), output: tensor("Samples.").default("output") }).prefault({}),
  voices: z.record(z.string(), z.union([z.int(), z.string()])).default({}).meta({ description: "Voice → its number, or a file of float32 values." }),
  blank: z.int().optional().meta({ description: "Id put before, between and behind the units, as models with blanks were trained." }),
}).meta({ id: "SpeechManifest", description: "Text to speech." });

export const RawManifest = z.strictObject({ task: z.literal("raw"), model }).meta({ id: "RawManifest", description: "Tensors in, tensors out." });

export const Manifest = z.discriminatedUnion("task", [
  EmbeddingManifest, RerankManifest, TextClassificationManifest, TokenClassificationManifest, ImageClassificationManifest, ObjectDetectionManifest,
  OcrManifest, VadManifest, WakeWordManifest, TranscriptionManifest, SpeechManifest, RawManifest,
]).meta({ title: "inferno.model.yaml", description: "What an ONNX model is for, and what happens before and after its graph." });
export type Manifest = z.infer<typeof Manifest>;
export type ManifestOf<T extends Manifest["task"]> = Extract<Manifest, { task: T }>;

/** The file's name in a model's folder. */
export const manifestName = "inferno.model.yaml";
