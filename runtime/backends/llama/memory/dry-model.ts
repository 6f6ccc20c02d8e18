import { loadError, refusalCode } from "../model.ts";
import type { llama_context_params, llama_model_params, Pointer } from "../native/llama.generated.ts";
import type { Library } from "../native/library.ts";
import { deviceOf, readBufferSizes } from "./buffer-log.ts";
import { deviceNeeds, extrapolate, type DeviceNeed } from "./device-need.ts";
import { placeTensors, tensorBytes, withHeader } from "./tensor-bytes.ts";
import { withoutVocabulary } from "./vocabulary-left-out.ts";

/**
 * Beyond this many cells a prediction follows the line through two smaller ones: even without its buffers llama.cpp keeps 48 bytes about
 * each cell, and a slip of the keyboard must not take gigabytes only to be refused.
 */
const mostDryCells = 2 ** 19;

/**
 * A model that was loaded without its weights: llama.cpp reads the header, plans every buffer and allocates none. Contexts made of it say,
 * in some milliseconds and to the byte, what a real one with the same settings would take.
 */
export class DryModel {
  readonly #library: Library;
  /** Without weights: only for what is in the header. */
  readonly native: Pointer;
  readonly #weights = new Map<string, number>();
  #remembers = true;
  readonly #predicted = new Map<string, DeviceNeed[]>();

  /** Throws where llama.cpp refuses the file, as a real load would. `adapters` are LoRA files. */
  constructor(library: Library, path: string, params: llama_model_params, adapters: readonly string[] = []) {
    this.#library = library;
    const header = withHeader(library, path, (file) => ({ tensors: tensorBytes(library, file), overrides: withoutVocabulary(library, file) }));
    const { model, layers } = load(library, path, params, header?.overrides);
    this.native = model;
    const files = [header?.tensors, ...adapters.map((adapter) => withHeader(library, adapter, (file) => tensorBytes(library, file)))];
    for (const tensors of files) {
      for (const [device, bytes] of placeTensors(tensors ?? new Map(), layers)) this.#weights.set(device, (this.#weights.get(device) ?? 0) + bytes);
    }
  }

  get trainedContext(): number {
    return this.#library.binding.llama_model_n_ctx_train(this.native);
  }

  /** False for recurrent models, whose sequences have states of their own. */
  get truncates(): boolean {
    const { binding } = this.#library;
    return !binding.llama_model_is_recurrent(this.native) && !binding.llama_model_is_hybrid(this.native);
  }

  /** After a first prediction: whether its contexts keep anything of a token, as those that generate must. */
  get remembers(): boolean {
    return this.#remembers;
  }

  /** What a context with these settings needs of each device, weights included. */
  predict(params: llama_context_params): readonly DeviceNeed[] {
    if (params.n_ctx <= mostDryCells) return this.#measure(params);
    const at = (cells: number) => ({ cells, needs: this.#measure({ ...params, n_ctx: cells }) });
    return extrapolate(at(mostDryCells / 2), at(mostDryCells), params.n_ctx);
  }

  dispose(): void {
    this.#library.binding.llama_model_free(this.native);
  }

  #measure(params: llama_context_params): DeviceNeed[] {
    const key = JSON.stringify(params, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
    const known = this.#predicted.get(key);
    if (known !== undefined) return known;
    const { binding, log } = this.#library;
    log.clear();
    const { result: context, lines } = log.linesOf(() => binding.llama_init_from_model(this.native, params));
    if (context === null) {
      throw loadError("model_load_failed", `plan a context of ${params.n_ctx} cells`, log.summary());
    }
    this.#remembers = binding.llama_get_memory(context) !== null;
    binding.llama_free(context);
    const { kv, compute } = readBufferSizes(lines, true);
    const needs = deviceNeeds(this.#weights, kv, compute);
    this.#predicted.set(key, needs);
    return needs;
  }
}

function load(library: Library, path: string, params: llama_model_params, overrides?: Uint8Array): { model: Pointer; layers: readonly string[] } {
  const { binding, log } = library;
  log.clear();
  const { result: model, lines } = log.linesOf(() => binding.llama_model_load_from_file(path, {
    // The other load modes map or lock the file, which this one must not.
    ...params, no_alloc: true, load_mode: 0, progress_callback: null, kv_overrides: overrides ?? null,
  }));
  if (model !== null) return { model, layers: readBufferSizes(lines, true).layers.map(deviceOf) };
  // Some model may need its vocabulary after all.
  if (overrides !== undefined) return load(library, path, params);
  throw loadError(refusalCode(log.summary()), `load ${path}`, log.summary());
}
