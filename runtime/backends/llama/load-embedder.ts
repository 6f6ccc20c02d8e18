import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../../base/clock.ts";
import { DisposableStore, toDisposable } from "../../../base/disposable.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { EmbedderLimits, EmbedderOptions, LoadEmbedder } from "../embedder.ts";
import { LlamaEmbedder } from "./embedder.ts";
import { contextOf, embedderLimits, embedderParams } from "./embedder-params.ts";
import { forecastEmbedder } from "./memory/embedder-forecast.ts";
import { planMemory } from "./memory/memory-plan.ts";
import { tensorBytes, withHeader } from "./memory/tensor-bytes.ts";
import { checkModelFile } from "./model-file.ts";
import { saysMatryoshka } from "./model-header.ts";
import { readModelInfo } from "./model-info.ts";
import { loadModel, modelParams } from "./model.ts";
import { findLibraryFolder } from "./native/folder.ts";
import type { Binding, Pointer } from "./native/llama.generated.ts";
import { openLibrary, type Library } from "./native/library.ts";
import { PairTokens } from "./pair-tokens.ts";
import { createThreads } from "./threads/index.ts";
import { Vocabulary } from "./vocabulary.ts";

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
export function loadEmbedder(library: Library, environment: EmbedderEnvironment, options: EmbedderOptions): LlamaEmbedder {
  checkEmbedderFile(library, options);
  const remember = planMemory(options, forecastEmbedder(library, options));
  const resources = new DisposableStore();
  try {
    const { result, lines } = library.log.linesOf(() => loadParts(library, environment, options, resources));
    return new LlamaEmbedder({ ...result, library, clock: environment.clock, resources, rank: options.rank, memoryUse: remember(lines) });
  } catch (error) {
    resources.dispose();
    throw error;
  }
}

/** What can be told without loading: the rest llama.cpp finds. */
export function checkEmbedderFile(library: Library, { path, rank }: EmbedderOptions): void {
  checkModelFile(library, path);
  if (!rank || hasClassifier(library, path)) return;
  throw new InfernoError("model_task_mismatch", `${path} cannot rerank: it has no classifier (no tensor cls.*).`, { hint: "Set `task: embedding`, or use a reranker." });
}

/** Everything that is allocated, freed by `resources` in the opposite order. */
function loadParts(library: Library, { clock, home }: EmbedderEnvironment, options: EmbedderOptions, resources: DisposableStore) {
  const { binding } = library;
  const { path, rank } = options;
  const native = loadModel(library, options, modelParams(binding, 0));
  resources.add(toDisposable(() => binding.llama_model_free(native)));
  const encoderOnly = checkEmbeds(binding, native, path);
  const vocabulary = new Vocabulary(binding, native);
  const matryoshka = !rank && withHeader(library, path, (header) => saysMatryoshka(binding, header)) === true;
  const model = { ...readModelInfo(library, native, vocabulary, path), ...(matryoshka && { matryoshka }) };
  const limits = embedderLimits(options, contextOf(options, model.trainedContext));
  const context = createContext(library, native, options, limits);
  const threads = createThreads({ library, context, clock, home, model, asked: options.threads, offloaded: false });
  resources.add(toDisposable(() => threads.dispose()));
  // Freed first: the context uses the threads and the model.
  resources.add(toDisposable(() => binding.llama_free(context)));
  return {
    context, vocabulary, model, limits, encoderOnly, threads, pairs: new PairTokens(binding, native, vocabulary),
    width: rank ? binding.llama_model_n_cls_out(native) : binding.llama_model_n_embd_out(native),
  };
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
  log.clear();
  const native = binding.llama_init_from_model(model, embedderParams(binding, model, options, limits));
  if (native !== null) return native;
  throw new InfernoError("model_load_failed", `llama.cpp could not make room for ${limits.tokens} tokens with ${options.path}: ${log.summary() || "no reason given"}.`);
}

/** llama.cpp takes any model for a reranker and would read past the end of a score that is not there. */
const hasClassifier = (library: Library, path: string): boolean =>
  withHeader(library, path, (header) => [...tensorBytes(library, header).keys()].some((name) => name.startsWith("cls."))) ?? false;
