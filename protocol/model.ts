import { z } from "zod";
import { samplerNames, type SamplerName } from "./sampling.ts";

/** What a model can be for, in the order of docs/reference. */
export const taskTable = {
  chat: "answers messages through its chat template",
  completion: "continues plain text",
  embedding: "makes vectors of texts",
  rerank: "scores documents against a query",
  "text-classification": "gives texts labels",
  "token-classification": "gives parts of texts labels, such as names",
  "image-classification": "gives images labels",
  "object-detection": "finds things in images",
  ocr: "reads text in images",
  vad: "finds speech in sound",
  "wake-word": "waits for a word in sound",
  transcription: "writes down speech",
  speech: "speaks texts",
  raw: "takes tensors and gives tensors",
} as const;
export type ModelTask = keyof typeof taskTable;
export const modelTasks = Object.keys(taskTable) as [ModelTask, ...ModelTask[]];
export const ModelTask = z.enum(modelTasks).meta({
  description: `What the model is for: ${Object.entries(taskTable).map(([task, does]) => `\`${task}\` ${does}`).join(", ")}.`,
});

/** Matryoshka representations (Kusupati et al. 2022, arXiv 2205.13147): lengths at which the beginning of a vector is one too. */
export const Matryoshka = z.union([z.boolean(), z.array(z.int().min(1)).min(1)]);
export type Matryoshka = z.infer<typeof Matryoshka>;

/** What a loaded model says of itself. */
export const ModelInfo = z.object({
  engine: z.enum(["llama", "onnx", "fake"]).meta({ description: "The engine that runs it." }),
  architecture: z.string().meta({ description: "`general.architecture` of the file." }),
  name: z.string().meta({ description: "`general.name` of the file, or the file's name." }),
  parameters: z.number().meta({ description: "Number of parameters." }),
  sizeBytes: z.number().meta({ description: "Size of all tensors, in bytes." }),
  quantization: z.string().meta({ description: "The file type as llama.cpp describes it, such as `Q8_0`." }),
  trainedContext: z.number().meta({ description: "Context length the model was trained for, in tokens." }),
  vocabulary: z.number().meta({ description: "Number of tokens in the vocabulary." }),
  chatTemplate: z.string().nullable().meta({ description: "`tokenizer.chat_template`, or null." }),
  bosToken: z.string().meta({ description: "Text of the beginning-of-sequence token, empty when there is none." }),
  eosToken: z.string().meta({ description: "Text of the end-of-sequence token, empty when there is none." }),
  matryoshka: Matryoshka.optional().meta({ description: "Whether its vectors may be shortened, or to which lengths, by what its file or manifest says of its training." }),
  library: z.string().meta({ description: "Release of the engine's library, such as `llama.cpp v0.5.0`." }),
  fingerprint: z.string().optional().meta({ description: "What its file is recognized by: SHA-256 over its size, its first and last mebibyte and 16 blocks of 32 KiB between, not over every byte. Of a model in several files, the first." }),
  device: z.object({
    kind: z.enum(["cpu", "cuda", "vulkan", "metal", "tensorrt", "dml", "coreml", "openvino", "webgpu"]),
    name: z.string().meta({ description: "The maker's name of the GPU, or of the processor." }),
    layers: z.int().min(0).meta({ description: "Layers on the GPU, the output layer counted; 0 on the CPU." }),
    reason: z.string().meta({ description: "Why not on another device that comes before in the chain, as `inferno doctor` shows it; empty when this is the first choice." }),
  }).meta({ description: "Where the model computes." }),
});
export type ModelInfo = z.infer<typeof ModelInfo>;

/** Bytes. `total` is their sum. */
export const MemoryParts = z.object({
  weights: z.number().meta({ description: "The model's tensors, and those of its LoRA adapters." }),
  kv: z.number().meta({ description: "The KV cache: every cell, in use or not." }),
  compute: z.number().meta({ description: "Buffers for intermediate results and logits." }),
  total: z.number().meta({ description: "Sum of the three." }),
});
export type MemoryParts = z.infer<typeof MemoryParts>;

/** What a loaded model takes, in bytes: said before it was loaded, and found afterwards. */
export const ModelMemory = z.object({
  predicted: MemoryParts.nullable().meta({ description: "What was predicted before loading; null where no prediction was possible." }),
  measured: MemoryParts.extend({
    rss: z.number().meta({ description: "Resident memory of the model's process after loading, shared file pages included." }),
    anonymous: z.number().nullable().meta({ description: "The part of `rss` that belongs to this process alone: everything but file pages. Null where the system does not say." }),
  }).meta({ description: "The engine's buffers after loading, and the process's memory." }),
  devices: z.array(z.object({
    name: z.string().meta({ description: "`CPU`, or the engine's name of a graphics device." }),
    predicted: z.number().meta({ description: "Bytes needed of this device's memory." }),
    free: z.number().meta({ description: "Bytes that were free there just before loading." }),
  })).meta({ description: "The same prediction by device, beside what was free." }),
  models: z.array(z.object({
    name: z.string().meta({ description: "The file's name." }),
    predicted: MemoryParts.nullable(),
    measured: MemoryParts.nullable().meta({ description: "Null where the engine does not tell its files apart." }),
  })).meta({ description: "The same by file: the model, its draft model or its further graphs." }),
}).meta({ id: "ModelMemory" });
export type ModelMemory = z.infer<typeof ModelMemory>;

/**
 * How one generation samples, after defaults have been applied. What each does, in which order and after which paper:
 * docs/guides/sampling.md. The ranges are those of protocol/sampling.ts.
 */
export interface GenerationParams {
  /** 0 is greedy. */
  readonly temperature: number;
  readonly dynatempRange: number;
  readonly dynatempExponent: number;
  /** Keep the k most likely tokens. 0 is off. */
  readonly topK: number;
  /** Keep the smallest set of tokens whose probabilities add to this (Holtzman et al. 2019, arXiv 1904.09751). 1 is off. */
  readonly topP: number;
  /** Keep tokens with at least this share of the best token's probability (Nguyen et al. 2024, arXiv 2407.01082). 0 is off. */
  readonly minP: number;
  readonly typicalP: number;
  readonly topNSigma: number;
  readonly xtcProbability: number;
  readonly xtcThreshold: number;
  readonly repeatPenalty: number;
  /** Tokens to look back; -1 is the whole context. */
  readonly repeatLastN: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly dryMultiplier: number;
  readonly dryBase: number;
  readonly dryAllowedLength: number;
  readonly dryPenaltyLastN: number;
  readonly drySequenceBreakers: readonly string[];
  readonly mirostat: 0 | 1 | 2;
  readonly mirostatTau: number;
  readonly mirostatEta: number;
  readonly adaptiveTarget: number;
  readonly adaptiveDecay: number;
  readonly logitBias: readonly LogitBias[];
  /** Forbids the tokens that end an answer. */
  readonly ignoreEnd: boolean;
  /** In the order in which they apply; those that are not named do not. */
  readonly samplers: readonly SamplerName[];
  /** Unsigned 32-bit; the same seed, prompt and settings give the same tokens. */
  readonly seed: number;
  /** What the answer must be; null leaves it free. */
  readonly grammar: GrammarRules | null;
  /** Alternatives per token to report, 0…20; null when no logprobs were asked for. */
  readonly topLogprobs: number | null;
  /** Whose probabilities: the model's own, or those that the draw was made from, after all samplers. */
  readonly logprobs: "before" | "after";
}

export interface LogitBias {
  /** A token's id, or a text: then each of its tokens. */
  readonly token: number | string;
  /** Added to the logit; false forbids the token. */
  readonly bias: number | false;
}

/** Rules in llama.cpp's GBNF notation. */
export interface GrammarRules {
  readonly gbnf: string;
  /** The rule to begin with. */
  readonly root: string;
  /**
   * Null: the answer follows the rules from its first token. Else they wait for a trigger: one of `tokens`, or a text that one of `patterns`
   * (regular expressions) matches. They then hold from that token on, or from the pattern's first group.
   */
  readonly lazy: { readonly patterns: readonly string[]; readonly tokens: readonly number[] } | null;
}

/** Draws from the model's own distribution: every sampler is off. */
export const neutralParams: GenerationParams = {
  temperature: 1, dynatempRange: 0, dynatempExponent: 1, topK: 0, topP: 1, minP: 0, typicalP: 1, topNSigma: -1, xtcProbability: 0, xtcThreshold: 0.1,
  repeatPenalty: 1, repeatLastN: 64, frequencyPenalty: 0, presencePenalty: 0,
  dryMultiplier: 0, dryBase: 1.75, dryAllowedLength: 2, dryPenaltyLastN: 64, drySequenceBreakers: [],
  mirostat: 0, mirostatTau: 5, mirostatEta: 0.1, adaptiveTarget: -1, adaptiveDecay: 0.9,
  logitBias: [], ignoreEnd: false, samplers: samplerNames, seed: 0, grammar: null, topLogprobs: null, logprobs: "before",
};

/** Always the most likely token. */
export const greedyParams: GenerationParams = { ...neutralParams, temperature: 0 };
