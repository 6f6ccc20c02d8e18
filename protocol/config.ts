import { z } from "zod";
import { Matryoshka, ModelTask } from "./model.ts";
import { optionalSampling } from "./sampling.ts";

/** `inferno.yaml`. Descriptions and examples end up in the JSON Schema, the editor's hovers and docs/reference/config.md. */

export const SamplingDefaults = z.strictObject({
  ...optionalSampling,
  seed: z.int().min(0).max(0xffff_ffff).optional().meta({ description: "Seed of the sampler. Without one, every request gets a random seed, which its trace records." }),
  max_tokens: z.int().min(1).optional().meta({ description: "Most tokens of an answer. Default: what the context leaves." }),
  stop: z.array(z.string().min(1)).max(16).optional().meta({ description: "Texts that end the answer; they are not part of it." }),
}).meta({ description: "Sampling when a request does not say otherwise." });
export type SamplingDefaults = z.infer<typeof SamplingDefaults>;

export const KvType = z.enum(["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"]);
export type KvType = z.infer<typeof KvType>;

/** `shift` drops the oldest tokens of the answer's past while it grows; `truncate_middle` cuts a too long prompt once, before it runs. */
export const ContextOverflow = z.enum(["error", "shift", "truncate_middle"]);
export type ContextOverflow = z.infer<typeof ContextOverflow>;

export const PrefixCacheConfig = z.strictObject({
  enabled: z.boolean().default(true).meta({ description: "Keep what earlier requests computed, and start a request from the longest beginning it shares with one of them." }),
  disk_mb: z.int().min(0).max(10_000_000).default(0).meta({ description: "Megabytes of disk for prefixes that had to leave the KV cache. 0 keeps none." }),
}).meta({ description: "Reuse of common beginnings of prompts." });

export const SpeculationConfig = z.strictObject({
  mode: z.enum(["off", "ngram", "draft"]).default("off").meta({ description: "Guess several tokens and check them in one step: `ngram` looks them up in the text so far, `draft` asks a small model. The answer is the same as without, up to the rounding of wider steps." }),
  draft: z.string().min(1).optional().meta({ description: "The draft model's source, written as `source` is; it must have the same vocabulary. Needed by `draft`." }),
  max_tokens: z.int().min(1).max(64).default(16).meta({ description: "Most tokens to guess at once. How many really are guessed follows how many were right." }),
  candidates: z.int().min(1).max(4).default(2).meta({ description: "Different continuations to check at once, where the KV layout allows it." }),
}).meta({ description: "Speculative decoding." });
export type SpeculationConfig = z.infer<typeof SpeculationConfig>;

export const LoraConfig = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/).meta({ description: "The name that requests use." }),
  source: z.string().min(1).meta({ description: "A GGUF adapter, relative to this file." }),
  scale: z.number().min(-10).max(10).default(1).meta({ description: "Strength where a request does not say otherwise; 0 leaves it out." }),
}).meta({ description: "A LoRA adapter." });

/** In the order in which they may be named; `cpu` is always there. */
export const OnnxProvider = z.enum(["cuda", "tensorrt", "dml", "coreml", "openvino", "webgpu", "cpu"]);
export type OnnxProvider = z.infer<typeof OnnxProvider>;

export const OnnxOptions = z.strictObject({
  providers: z.array(OnnxProvider).min(1).default(["cpu"]).meta({ description: "Execution providers, in the order in which to try them; `inferno doctor` says which are there and why not. What none of them takes computes on the CPU.", examples: [["cuda", "cpu"]] }),
  optimization: z.enum(["disabled", "basic", "extended", "all"]).default("all").meta({ description: "How far onnxruntime rewrites the graph before it runs." }),
  cache_optimized: z.boolean().default(true).meta({ description: "Keep the rewritten graph in the state folder, so that the next load is faster." }),
  dimensions: z.record(z.string(), z.int().min(1)).default({}).meta({ description: "Fixed values for the graph's free dimensions, by name.", examples: [{ batch: 1 }] }),
  arena: z.boolean().default(true).meta({ description: "Keep freed memory for the next run, instead of giving it back after each." }),
  max_batch: z.int().min(1).max(1024).default(32).meta({ description: "Most inputs that share one run." }),
  max_batch_tokens: z.int().min(1).max(10_000_000).default(16_384).meta({ description: "Most tokens in one run, padding counted." }),
  batch_wait_ms: z.number().min(0).max(1000).default(2).meta({ description: "How long a lone request may wait for others to share its run." }),
  run_limit_s: z.number().min(1).max(86_400).default(120).meta({ description: "A run that takes longer is taken for stuck: its process is ended and started again." }),
}).meta({ description: "How an ONNX model runs." });
export type OnnxOptions = z.infer<typeof OnnxOptions>;

export const ImagesConfig = z.strictObject({
  ocr: z.string().min(1).meta({ description: "The name of a model of this file with the task `ocr`. The text that it reads stands in the place of the image.", examples: ["reader"] }),
}).meta({ description: "What becomes of images in chat messages. Default: they are refused, because no engine here looks at them (docs/guides/tasks.md)." });

export const ModelConfig = z.strictObject({
  source: z.string().min(1).meta({
    description: "Where the model is: a GGUF file, an ONNX file, or a folder with an `inferno.model.yaml`, relative to this file; or `hf:owner/repository[:quantization]`, or `hf:owner/repository/file.gguf`.",
    examples: ["models/qwen3-0.6b-q8_0.gguf", "models/minilm", "hf:owner/repository:Q8_0"],
  }),
  task: ModelTask.optional().meta({ description: `${ModelTask.meta()?.description ?? ""} Default: what the model's manifest says, \`raw\` for an ONNX file without one, else \`chat\`.` }),
  context: z.int().min(64).max(16_777_216).optional().meta({
    description: "Context length per request, in tokens (prompt and answer together). Default: the length the model was trained for, at most 8192.", examples: [4096],
  }),
  parallel: z.int().min(1).max(64).default(4).meta({ description: "Requests that the model works on at once." }),
  kv_cells: z.int().min(64).max(268_435_456).optional().meta({
    description: "Size of the KV cache, in tokens over all requests, cached prefixes included. Default: `context` times `parallel`. With less, requests wait for room, and one that outgrows it is swapped out and back.", examples: [16384],
  }),
  kv_layout: z.enum(["auto", "unified", "per_sequence"]).default("auto").meta({
    description: "`unified`: one pool of cells, a shared prefix costs nothing. `per_sequence`: each request has cells of its own, a shared prefix is copied, many different prompts decode faster. `auto` chooses by `parallel` and `kv_cells` (docs/guides/performance.md).",
  }),
  kv_type: KvType.default("f16").meta({ description: "Number format of the KV cache. `q8_0` takes about half of `f16`'s memory, `q4_0` about a quarter; both need flash attention." }),
  flash_attention: z.enum(["auto", "on", "off"]).default("auto").meta({ description: "Attention without the whole score matrix in memory. `auto` takes it wherever the engine has it." }),
  deterministic: z.boolean().default(false).meta({
    description: "Compute every request in steps of its own, cut at multiples of `batch`: its answer then does not depend on what else runs, whatever the model's weights are. Slower with several requests at once; no speculation, no `kv_cells` (docs/guides/serving.md).",
  }),
  batch: z.int().min(32).max(8192).default(512).meta({ description: "Most tokens in one decode step; longer prompts are prefilled in chunks of this size." }),
  threads: z.int().min(1).max(512).optional().meta({ description: "Inference threads. Default: measured with the first tokens, and fewer when the machine gets busy, because spinning threads on busy cores collapse." }),
  gpu: z.enum(["auto", "cuda", "vulkan", "metal", "cpu"]).default("auto").meta({ description: "Where to compute. `auto` takes the first that works of metal, cuda, vulkan, cpu; `inferno doctor` says why. A named one that does not work is an error." }),
  gpu_layers: z.union([z.literal("auto"), z.int().min(0).max(1000)]).default("auto").meta({ description: "Layers to put on the GPU. `auto`: as many as fit, none where there is no GPU. A number that cannot be had is an error." }),
  prefix_cache: PrefixCacheConfig.prefault({}),
  speculation: SpeculationConfig.prefault({}),
  lora: z.array(LoraConfig).max(16)
    .check(({ value, issues }) => {
      for (const [index, { name }] of value.entries()) {
        if (value.findIndex((other) => other.name === name) === index) continue;
        issues.push({ code: "custom", input: name, path: [index, "name"], message: `another adapter of this model is called "${name}" already` });
      }
    })
    .default([]).meta({ description: "LoRA adapters to load with the model. Requests choose among them and may scale them." }),
  overflow: ContextOverflow.default("error").meta({ description: "What to do when prompt and answer do not fit into the context. Never silent: the answer says what was left out." }),
  pooling: z.enum(["auto", "mean", "cls", "last"]).default("auto").meta({ description: "How an embedding model makes one vector of a text's tokens. `auto`: as its file says." }),
  matryoshka: Matryoshka.optional().meta({
    description: "Whether requests may shorten an embedding model's vectors (`dimensions`), or the lengths to which they may. Only for models trained so that the beginning of a vector is one too (Matryoshka). Default: what the model's file or manifest says.", examples: [true, [512, 256, 128]],
  }),
  idle_ttl: z.int().min(1).max(31_536_000).optional().meta({ description: "Seconds without a request after which the model is unloaded and its memory given back. Default: it stays loaded.", examples: [900] }),
  check_memory: z.boolean().default(true).meta({ description: "Refuse to load a model that is predicted not to fit into the memory that is free now." }),
  images: ImagesConfig.optional(),
  onnx: OnnxOptions.prefault({}),
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
  tokens: z.boolean().default(true).meta({ description: "Record each generated token: probability, entropy, likely others, time, KV cells; with `text: false` only the numbers. A daemon that serves several files records none when one of them says `false`. What it costs: docs/guides/performance.md." }),
}).meta({ description: "What the daemon records of each request." });

/** Who of the models is to read images with whom, where that cannot be. What a manifest says of a model is not known here. */
export function readersMissing(models: Readonly<Record<string, { readonly task?: ModelTask | undefined; readonly images?: { readonly ocr: string } | undefined }>>): { model: string; message: string }[] {
  return Object.entries(models).flatMap(([model, { images }]) => {
    if (images === undefined) return [];
    const reader = Object.hasOwn(models, images.ocr) ? models[images.ocr] : undefined;
    if (reader === undefined) return [{ model, message: `no model of this file is called "${images.ocr}"` }];
    return reader.task === undefined || reader.task === "ocr" ? [] : [{ model, message: `"${images.ocr}" has the task ${reader.task}, not ocr` }];
  });
}

export const Config = z.strictObject({
  models: z.record(z.string().regex(aliasPattern, "a name is letters, digits and . _ : / -, at most 100, beginning with a letter or digit"), ModelConfig)
    .check(({ value, issues }) => {
      for (const { model, message } of readersMissing(value)) issues.push({ code: "custom", input: value, path: [model, "images", "ocr"], message });
    })
    .default({}).meta({ description: "The models, by the name that requests use." }),
  server: ServerConfig.prefault({}),
  traces: TracesConfig.prefault({}),
}).meta({ title: "inferno.yaml", description: "Configuration of the Inferno daemon." });
export type Config = z.infer<typeof Config>;

/** The model that is always there. */
export const embeddedModel = "ember";
