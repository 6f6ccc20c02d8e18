import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../../base/clock.ts";
import { DisposableStore, toDisposable } from "../../../base/disposable.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { EmbedderLimits, EmbedderOptions, LoadEmbedder } from "../embedder.ts";
import { LlamaEmbedder } from "./embedder.ts";
import { checkModelFile } from "./model-file.ts";
import { readModelInfo } from "./model-info.ts";
import { loadModel, modelParams } from "./model.ts";
import { findLibraryFolder } from "./native/folder.ts";
import { llama_pooling_type, type Binding, type Pointer } from "./native/llama.generated.ts";
import { openLibrary, type Library } from "./native/library.ts";
import { PairTokens } from "./pair-tokens.ts";
import { createThreads } from "./threads/index.ts";
import { Vocabulary } from "./vocabulary.ts";

/** Every token of a batch sees all others of its text: the buffers grow with its square, and trained lengths go up to 40,960. */
const longestDefault = 2048;
/** Texts in one batch: many short ones fill a batch of tokens. */
const mostInputs = 64;

export interface EmbedderEnvironment {
  readonly clock: Clock;
  /** The state folder (INFERNO_HOME), where measured thread counts are kept. */
  readonly home: string;
}

/** The engine for GGUF files that embed or rerank. On the CPU: the models are small, and a text is one pass. */
export function loadLlamaEmbedder({ clock, home }: EmbedderEnvironment): LoadEmbedder {
  return async (options) => {
    const { platform, arch } = process;
    const folder = findLibraryFolder({ platform, arch, from: dirname(fileURLToPath(import.meta.url)), home, gpu: "cpu" });
    return loadEmbedder(openLibrary(folder), { clock, home }, options);
  };
}

/** Loads a model whose context gives vectors or scores and no text. */
export function loadEmbedder(library: Library, { clock, home }: EmbedderEnvironment, options: EmbedderOptions): LlamaEmbedder {
  const { binding } = library;
  const { path, rank } = options;
  checkModelFile(library, path);
  const resources = new DisposableStore();
  try {
    const model = loadModel(library, options, modelParams(binding, 0));
    resources.add(toDisposable(() => binding.llama_model_free(model)));
    const encoderOnly = checkEmbeds(binding, model, path);
    const vocabulary = new Vocabulary(binding, model);
    const info = readModelInfo(library, model, vocabulary, path);
    if (rank && !hasClassifier(binding, path)) {
      throw new InfernoError("model_task_mismatch", `${path} cannot rerank: it has no classifier (no tensor cls.*).`, { hint: "Set `task: embedding`, or use a reranker." });
    }
    // Beyond its trained length a model with learned positions has none, and others have never seen them.
    const context = Math.min(options.context ?? longestDefault, info.trainedContext);
    const tokens = Math.max(context, options.batch);
    const limits = { context, tokens, inputs: mostInputs };
    const native = createContext(library, model, options, limits);
    const threads = createThreads({ library, context: native, clock, home, model: info, asked: options.threads, offloaded: false });
    resources.add(toDisposable(() => threads.dispose()));
    // Freed first: the context uses the threads and the model.
    resources.add(toDisposable(() => binding.llama_free(native)));
    return new LlamaEmbedder({
      library, clock, context: native, vocabulary, model: info, limits, rank, encoderOnly, resources, threads,
      pairs: new PairTokens(binding, model, vocabulary),
      width: rank ? binding.llama_model_n_cls_out(model) : binding.llama_model_n_embd_out(model),
    });
  } catch (error) {
    resources.dispose();
    throw error;
  }
}

/** Refuses what has no vectors; true for models that are an encoder and nothing else. */
function checkEmbeds(binding: Binding, model: Pointer, path: string): boolean {
  const refuse = (reason: string): InfernoError => new InfernoError("model_load_failed", `${path} cannot embed: ${reason}.`);
  if (binding.llama_vocab_n_tokens(binding.llama_model_get_vocab(model)) === 0) throw refuse("it has no vocabulary");
  const encodes = binding.llama_model_has_encoder(model);
  if (encodes && binding.llama_model_has_decoder(model)) throw refuse("encoder-decoder models are not supported");
  return encodes;
}

function createContext({ binding, log }: Library, model: Pointer, options: EmbedderOptions, limits: EmbedderLimits): Pointer {
  const params = binding.llama_context_default_params();
  params.embeddings = true;
  params.pooling_type = poolingOf(binding, model, options);
  // All texts of a batch together, in one pool of cells: none keeps any longer than its batch.
  params.n_ctx = limits.tokens;
  params.kv_unified = true;
  params.n_seq_max = limits.inputs;
  params.n_batch = limits.tokens;
  params.n_ubatch = limits.tokens;
  params.no_perf = true;
  log.clear();
  const native = binding.llama_init_from_model(model, params);
  if (native !== null) return native;
  throw new InfernoError("model_load_failed", `llama.cpp could not make room for ${limits.tokens} tokens with ${options.path}: ${log.summary() || "no reason given"}.`);
}

/** What the configuration says, else the file; a file that is silent is a generating model's, whose last token has seen all others. */
function poolingOf(binding: Binding, model: Pointer, { pooling, rank }: EmbedderOptions): number {
  const { LLAMA_POOLING_TYPE_RANK, LLAMA_POOLING_TYPE_MEAN, LLAMA_POOLING_TYPE_CLS, LLAMA_POOLING_TYPE_LAST } = llama_pooling_type;
  if (rank) return LLAMA_POOLING_TYPE_RANK;
  if (pooling !== "auto") return { mean: LLAMA_POOLING_TYPE_MEAN, cls: LLAMA_POOLING_TYPE_CLS, last: LLAMA_POOLING_TYPE_LAST }[pooling];
  const said = Number(metadata(binding, model, `${metadata(binding, model, "general.architecture")}.pooling_type`));
  return [LLAMA_POOLING_TYPE_MEAN, LLAMA_POOLING_TYPE_CLS, LLAMA_POOLING_TYPE_LAST].find((type) => type === said) ?? LLAMA_POOLING_TYPE_LAST;
}

/** Short values only. */
function metadata(binding: Binding, model: Pointer, key: string): string {
  const buffer = new Uint8Array(128);
  const length = binding.llama_model_meta_val_str(model, key, buffer, buffer.length);
  return length < 0 ? "" : new TextDecoder().decode(buffer.subarray(0, length));
}

/** llama.cpp takes any model for a reranker and would read past the end of a score that is not there. */
function hasClassifier(binding: Binding, path: string): boolean {
  const header = binding.gguf_init_from_file(path, { no_alloc: true, ctx: null });
  if (header === null) return false;
  try {
    const count = Number(binding.gguf_get_n_tensors(header));
    for (let index = 0; index < count; index += 1) if (binding.gguf_get_tensor_name(header, index)?.startsWith("cls.")) return true;
    return false;
  } finally {
    binding.gguf_free(header);
  }
}
