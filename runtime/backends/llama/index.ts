import type { Clock } from "../../../base/clock.ts";
import { DisposableStore, toDisposable } from "../../../base/disposable.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { takenStep } from "../../gpu/chain.ts";
import type { BackendCapacity, LoadBackend, LoadOptions } from "../backend.ts";
import { Adapters, loadAdapter, type LoadedAdapter } from "./adapters.ts";
import { chooseLayout, contextParams } from "./context-params.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { fillTokens } from "./fill-tokens.ts";
import { LlamaBackend } from "./llama-backend.ts";
import { forecastMemory, planMemory } from "./memory/memory-plan.ts";
import { checkModelFile } from "./model-file.ts";
import { readModelInfo } from "./model-info.ts";
import { checkGenerates, chooseContext, loadModel, modelParams } from "./model.ts";
import type { llama_model_params } from "./native/llama.generated.ts";
import { NativeContext } from "./native-context.ts";
import { openLibrary, type Library } from "./native/library.ts";
import { LlamaProfiler } from "./ops/profiler.ts";
import { OperationRecorder } from "./ops/recorder.ts";
import { describeDevice, findPlace, onCpu, placeLayers, type Placement } from "./placement.ts";
import { Samplers } from "./samplers.ts";
import { schemaGrammar } from "./schema-grammar.ts";
import { createThreads, startThreads } from "./threads/index.ts";
import { RowLogits } from "./token-facts/row-logits.ts";
import { Vocabulary } from "./vocabulary.ts";

export interface LlamaEnvironment {
  readonly clock: Clock;
  /** The state folder (INFERNO_HOME), where GPU libraries are installed. */
  readonly home: string;
}

/** The engine for GGUF files: the llama.cpp libraries that node-llama-cpp carries, called directly. See docs/decisions for the reasons. */
export function loadLlama(environment: LlamaEnvironment): LoadBackend {
  const libraries = new Map<string, Library>();
  // Loading blocks the process, which is a model host and has nothing else to do; the contract is a promise for other engines' sake.
  return async (options) => {
    const steps = await findPlace(options, environment.home);
    const step = takenStep(steps);
    const library = libraries.get(step.folder.path) ?? openLibrary(step.folder);
    libraries.set(step.folder.path, library);
    checkModelFile(library, options.path);
    // A model is no worse for a file that cannot be recognized again.
    const fingerprint = fingerprintOf(options.path).catch(() => undefined);
    const placement = placeLayers(library, options, steps);
    try {
      return await load(library, environment, options, placement, fingerprint);
    } catch (error) {
      if (placement.layers === 0 || options.gpu !== "auto" || options.gpuLayers !== "auto") throw error;
      return await load(library, environment, options, onCpu(step, options, InfernoError.from(error).message), fingerprint);
    }
  };
}

async function load(
  library: Library, environment: LlamaEnvironment, options: LoadOptions, placement: Placement, print: Promise<string | undefined>,
): Promise<LlamaBackend> {
  const params = modelParams(library.binding, placement.layers);
  const remember = planMemory(options, forecastMemory(library, options, placement.layers));
  const resources = new DisposableStore();
  try {
    const { result, lines } = library.log.linesOf(() => loadParts(library, environment, options, params, resources));
    const fingerprint = await print;
    const model = { ...result.model, device: describeDevice(placement), ...(fingerprint !== undefined && { fingerprint }) };
    return new LlamaBackend({ ...result, model, library, clock: environment.clock, resources, memoryUse: remember(lines), schemaGrammar });
  } catch (error) {
    resources.dispose();
    throw error;
  }
}

/** Everything that is allocated, freed by `resources` in the opposite order. */
function loadParts(library: Library, { clock, home }: LlamaEnvironment, options: LoadOptions, params: llama_model_params, resources: DisposableStore) {
  const { binding } = library;
  const { path, parallel, threads: asked } = options;
  const onGpu = params.n_gpu_layers > 0;
  const native = loadModel(library, options, params);
  resources.add(toDisposable(() => binding.llama_model_free(native)));
  checkGenerates(library, native, path);
  const loadLora = (file: string): LoadedAdapter => loadAdapter(library, native, file, resources);
  const adapterFiles = options.adapters.map((adapter) => loadLora(adapter.path));
  const vocabulary = new Vocabulary(binding, native);
  const model = readModelInfo(library, native, vocabulary, path);
  const truncates = !binding.llama_model_is_recurrent(native) && !binding.llama_model_is_hybrid(native);
  const layout = chooseLayout(options, chooseContext(path, options.context, model.trainedContext), truncates);
  const owner = new NativeContext({ library, model: native, params: contextParams(binding, options, layout, onGpu), load: options });
  const context = owner.pointer;
  const recorder = new OperationRecorder(binding, clock);
  resources.add(recorder);
  // Attention over an f16 cache adds up by the number of threads.
  const fixed = asked ?? (options.deterministic ? startThreads() : undefined);
  const threads = createThreads({ library, context, clock, home, model, asked: fixed, offloaded: onGpu });
  resources.add(toDisposable(() => threads.dispose()));
  // Freed before the threads, which it uses.
  resources.add(owner);
  if (binding.llama_get_memory(context) === null) {
    throw new InfernoError("model_load_failed", `${path} cannot generate text: it is an embedding model, without a KV cache.`);
  }
  const vocab = binding.llama_model_get_vocab(native);
  const samplers = new Samplers({
    binding, vocab, vocabulary, context: layout.context, nativeContext: () => owner.pointer,
    logits: new RowLogits(binding, () => owner.pointer, vocabulary.size),
  });
  resources.add(toDisposable(() => samplers.dispose()));
  const capacity: BackendCapacity = {
    sequences: layout.sequences, context: layout.context, batch: Math.min(options.batch, binding.llama_n_batch(context)), parallel,
    cells: layout.cells, layout: layout.layout, truncates, candidates: layout.trials > 0 ? options.candidates : 1,
    ...(options.deterministic && { deterministic: true }),
  };
  const profiler = new LlamaProfiler({ library, home, context: owner, recorder, threads, onGpu });
  return {
    context: owner, profiler, vocabulary, model, capacity, samplers, threads, trials: layout.trials, adapters: new Adapters(library, context, adapterFiles, loadLora),
    fill: fillTokens(binding, vocab),
  };
}
