import { z } from "zod";

export const ModelTask = z.enum(["chat", "completion", "embedding", "rerank"]).meta({
  description: "What the model is for: `chat` answers messages through its chat template, `completion` continues plain text, `embedding` makes vectors of texts, `rerank` scores documents against a query.",
});
export type ModelTask = z.infer<typeof ModelTask>;

/** What a loaded model says of itself. */
export const ModelInfo = z.object({
  engine: z.enum(["llama", "fake"]).meta({ description: "The engine that runs it." }),
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
  library: z.string().meta({ description: "Release of the engine's library, such as `llama.cpp v0.5.0`." }),
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
}).meta({ id: "ModelMemory" });
export type ModelMemory = z.infer<typeof ModelMemory>;

/** How one generation samples, after defaults have been applied. Names and meanings as in llama.cpp's samplers. */
export interface GenerationParams {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Keep the smallest set of tokens whose probabilities add to this (Holtzman et al. 2019, arXiv 1904.09751). 1 is off. */
  readonly topP: number;
  /** Keep the k most likely tokens. 0 is off. */
  readonly topK: number;
  /** Keep tokens with at least this share of the best token's probability (Nguyen et al. 2024, arXiv 2407.01082). 0 is off. */
  readonly minP: number;
  /** Unsigned 32-bit; the same seed, prompt and settings give the same tokens. */
  readonly seed: number;
  /** Alternatives per token to report, 0…20; null when no logprobs were asked for. */
  readonly topLogprobs: number | null;
}
