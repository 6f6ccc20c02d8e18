import { assert } from "../../../base/assert.ts";
import { toDisposable, type Disposable, type DisposableStore } from "../../../base/disposable.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { AdapterScale } from "../backend.ts";
import { checkModelFile } from "./model-file.ts";
import type { Library } from "./native/library.ts";
import type { Pointer } from "./native/llama.generated.ts";

export interface LoadedAdapter extends Disposable {
  readonly pointer: NonNullable<Pointer>;
}

/** LoRA adapters (Hu et al. 2021, arXiv 2106.09685) of one model. llama.cpp sets them for a context, so for all sequences of a step. */
export class Adapters {
  readonly #library: Library;
  #context: Pointer;
  /** Null where one was freed: an index never means another. */
  readonly #loaded: (LoadedAdapter | null)[];
  readonly #load: (path: string) => LoadedAdapter;
  #active: readonly AdapterScale[] = [];

  constructor(library: Library, context: Pointer, loaded: readonly LoadedAdapter[], load: (path: string) => LoadedAdapter) {
    this.#library = library;
    this.#context = context;
    this.#loaded = [...loaded];
    this.#load = load;
  }

  /** Another context, which has none of them yet. */
  moveTo(context: Pointer): void {
    this.#context = context;
    this.#active = [];
  }

  /** One more, while the model is in use. */
  add(path: string): void {
    this.#loaded.push(this.#load(path));
  }

  /** It is not named again. */
  free(index: number): void {
    if (this.#active.some(({ adapter }) => adapter === index)) this.use([]);
    this.#loaded[index]?.dispose();
    this.#loaded[index] = null;
  }

  /** Uses these, and no others, from the next step on. */
  use(adapters: readonly AdapterScale[]): void {
    if (keyOf(adapters) === keyOf(this.#active)) return;
    const pointers = BigUint64Array.from(adapters, ({ adapter }) => {
      const loaded = this.#loaded[adapter];
      assert(loaded, `adapter ${adapter} is not loaded`);
      return loaded.pointer;
    });
    const scales = Float32Array.from(adapters, ({ scale }) => scale);
    const code = this.#library.binding.llama_set_adapters_lora(this.#context, pointers, adapters.length, scales);
    if (code !== 0) throw new InfernoError("decode_failed", `llama.cpp could not use the LoRA adapters (code ${code}).`);
    this.#active = adapters;
  }
}

const keyOf = (adapters: readonly AdapterScale[]): string => adapters.map(({ adapter, scale }) => `${adapter}:${scale}`).join(" ");

/** Loads an adapter file for a model; unless it was freed, it is so with `resources`, before the model. */
export function loadAdapter(library: Library, model: Pointer, path: string, resources: DisposableStore): LoadedAdapter {
  const { binding, log } = library;
  try {
    checkModelFile(library, path);
  } catch (error) {
    throw notLoaded(path, InfernoError.from(error).message);
  }
  log.clear();
  const adapter = binding.llama_adapter_lora_init(model, path);
  if (adapter === null) throw notLoaded(path, log.summary() || "no reason given");
  return resources.add({ pointer: adapter, ...toDisposable(() => binding.llama_adapter_lora_free(adapter)) });
}

function notLoaded(path: string, reason: string): InfernoError {
  return new InfernoError("model_load_failed", `llama.cpp could not load the LoRA adapter ${path}: ${reason.replace(/\.$/, "")}.`, {
    param: "lora", hint: "The adapter must be a GGUF file made for this very base model.",
  });
}
