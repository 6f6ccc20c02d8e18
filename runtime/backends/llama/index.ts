import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import type { Clock } from "../../../base/clock.ts";
import { DisposableStore, toDisposable } from "../../../base/disposable.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { LoadBackend, LoadOptions } from "../backend.ts";
import { LlamaBackend } from "./llama-backend.ts";
import { checkModelFile } from "./model-file.ts";
import { readModelInfo } from "./model-info.ts";
import { checkGenerates, chooseContext, createContext, loadModel } from "./model.ts";
import { findLibraryFolder } from "./native/folder.ts";
import { GGML_MAX_N_THREADS } from "./native/llama.generated.ts";
import { hasGpu, openLibrary, type Library } from "./native/library.ts";
import { defaultThreads, linuxSiblings } from "./threads.ts";
import { Vocabulary } from "./vocabulary.ts";

export interface LlamaEnvironment {
  readonly clock: Clock;
  /** The state folder (INFERNO_HOME), where GPU libraries are installed. */
  readonly home: string;
}

/** The engine for GGUF files: the llama.cpp libraries that node-llama-cpp carries, called directly. See docs/decisions for the reasons. */
export function loadLlama({ clock, home }: LlamaEnvironment): LoadBackend {
  const libraries = new Map<string, Library>();
  const libraryFor = (gpu: boolean): Library => {
    const { platform, arch } = process;
    const folder = findLibraryFolder({ platform, arch, from: dirname(fileURLToPath(import.meta.url)), home, gpu });
    const library = libraries.get(folder.path) ?? openLibrary(folder);
    libraries.set(folder.path, library);
    return library;
  };
  // Loading blocks the process, which is a model host and has nothing else to do; the contract is a promise for other engines' sake.
  return async (options) => load(libraryFor(options.gpuLayers > 0), clock, options);
}

/** Layers that were asked for on a GPU and ran on the CPU would look like a slow GPU: so this is an error, never a silent fallback. */
function checkGpu(library: Library, gpuLayers: number): void {
  if (hasGpu(library)) return;
  throw new InfernoError("model_load_failed", `gpu_layers is ${gpuLayers}, but the library ${library.folder.name} finds no GPU here.`, {
    param: "gpu_layers",
    hint: "`inferno doctor` says what is missing and `inferno gpu install cuda` (or `vulkan`) fetches a GPU library; or set gpu_layers to 0.",
  });
}

function chooseThreads(asked: number | undefined): number {
  const { platform, arch } = process;
  const available = availableParallelism();
  const threads = asked ?? defaultThreads({ platform, arch, available, siblingsOf: linuxSiblings });
  // More spinning threads than processors would hardly move at all; and above its own limit ggml ends the process.
  return Math.max(1, Math.min(threads, available, GGML_MAX_N_THREADS));
}

function load(library: Library, clock: Clock, options: LoadOptions): LlamaBackend {
  const { binding } = library;
  const { path, parallel, gpuLayers } = options;
  checkModelFile(library, path);
  if (gpuLayers > 0) checkGpu(library, gpuLayers);
  const resources = new DisposableStore();
  try {
    const model = loadModel(library, options);
    resources.add(toDisposable(() => binding.llama_model_free(model)));
    checkGenerates(library, model, path);
    const vocabulary = new Vocabulary(binding, model);
    const info = readModelInfo(library, model, vocabulary, path);
    const context = chooseContext(path, options.context, info.trainedContext);
    const threads = chooseThreads(options.threads);
    const threadpool = library.createThreadpool(threads);
    resources.add(toDisposable(() => threadpool.free()));
    const native = createContext(library, model, threadpool, { context, parallel, batch: options.batch, threads, gpuLayers, path });
    // Freed first: the context uses the threads and the model.
    resources.add(toDisposable(() => binding.llama_free(native)));
    if (binding.llama_get_memory(native) === null) {
      throw new InfernoError("model_load_failed", `${path} cannot generate text: it is an embedding model, without a KV cache.`);
    }
    const capacity = { sequences: parallel, context, batch: Math.min(options.batch, binding.llama_n_batch(native)) };
    return new LlamaBackend({ library, clock, context: native, vocabulary, model: info, capacity, resources });
  } catch (error) {
    resources.dispose();
    throw error;
  }
}
