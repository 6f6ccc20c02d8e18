import { z } from "zod";
import { ModelTask } from "./model.ts";

/** `inferno.yaml`. Descriptions and examples end up in the JSON Schema, the editor's hovers and docs/reference/config.md. */

export const SamplingDefaults = z.strictObject({
  temperature: z.number().min(0).max(2).optional().meta({ description: "Randomness; 0 always takes the most likely token. Default 0.8." }),
  top_p: z.number().gt(0).max(1).optional().meta({ description: "Keep the most likely tokens that together have this probability. 1 is off. Default 0.95." }),
  top_k: z.int().min(0).optional().meta({ description: "Keep this many of the most likely tokens. 0 is off. Default 40." }),
  min_p: z.number().min(0).max(1).optional().meta({ description: "Keep tokens with at least this share of the best token's probability. 0 is off. Default 0.05." }),
  seed: z.int().min(0).max(0xffff_ffff).optional().meta({ description: "Seed of the sampler. Without one, every request gets a random seed, which its trace records." }),
  max_tokens: z.int().min(1).optional().meta({ description: "Most tokens of an answer. Default: what the context leaves." }),
  stop: z.array(z.string().min(1)).max(16).optional().meta({ description: "Texts that end the answer; they are not part of it." }),
}).meta({ description: "Sampling when a request does not say otherwise." });
export type SamplingDefaults = z.infer<typeof SamplingDefaults>;

export const ModelConfig = z.strictObject({
  source: z.string().min(1).meta({
    description: "Where the model is: a GGUF file, relative to this file, or `hf:owner/repository[:quantization]`, or `hf:owner/repository/file.gguf`.",
    examples: ["models/qwen3-0.6b-q8_0.gguf", "hf:owner/repository:Q8_0"],
  }),
  task: ModelTask.default("chat"),
  context: z.int().min(64).max(16_777_216).optional().meta({
    description: "Context length per request, in tokens (prompt and answer together). Default: the length the model was trained for, at most 8192: all of it is reserved when the model loads.", examples: [4096],
  }),
  parallel: z.int().min(1).max(64).default(4).meta({ description: "Requests that the model works on at once; each has a whole context of its own in the KV cache." }),
  batch: z.int().min(32).max(8192).default(512).meta({ description: "Most tokens in one decode step; longer prompts are prefilled in chunks of this size." }),
  threads: z.int().min(1).max(512).optional().meta({ description: "Inference threads. Default: physical cores less one, because spinning threads on busy cores collapse." }),
  gpu_layers: z.int().min(0).max(1000).default(0).meta({ description: "Layers to put on a GPU, which needs a GPU library (`inferno gpu install`); an error where there is none. 0 keeps all on the CPU." }),
  sampling: SamplingDefaults.optional(),
}).meta({ id: "Model", description: "One model." });
export type ModelConfig = z.infer<typeof ModelConfig>;

/** Names go into URLs, command lines and metric labels. */
export const aliasPattern = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;

export const ServerConfig = z.strictObject({
  host: z.string().min(1).default("127.0.0.1").meta({ description: "Address to listen on. Anything but loopback opens the daemon to your network; the token is then its only lock." }),
  port: z.int().min(0).max(65535).default(11500).meta({ description: "Port to listen on; 0 takes any free one." }),
  queue: z.int().min(1).max(10_000).default(64).meta({ description: "Requests that may wait per model; one more is answered 429 with `Retry-After`." }),
}).meta({ description: "How the daemon listens, when it is started with this file. The editor's daemon always takes a free port on loopback." });

export const TracesConfig = z.strictObject({
  keep: z.int().min(1).max(1_000_000).default(1000).meta({ description: "Traces to keep; older ones are removed." }),
  text: z.boolean().default(true).meta({ description: "Record prompts and answers in traces. Timings are recorded either way. A daemon that serves several files records no text when one of them says `false`. Traces never leave this machine." }),
}).meta({ description: "What the daemon records of each request." });

export const Config = z.strictObject({
  models: z.record(z.string().regex(aliasPattern, "a name is letters, digits and . _ : / -, at most 100, beginning with a letter or digit"), ModelConfig)
    .default({}).meta({ description: "The models, by the name that requests use." }),
  server: ServerConfig.prefault({}),
  traces: TracesConfig.prefault({}),
}).meta({ title: "inferno.yaml", description: "Configuration of the Inferno daemon." });
export type Config = z.infer<typeof Config>;

/** The model that is always there. */
export const embeddedModel = "ember";
