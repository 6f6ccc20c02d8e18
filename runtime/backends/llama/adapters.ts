import { toDisposable, type DisposableStore } from "../../../base/disposable.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { AdapterScale } from "../backend.ts";
import { checkModelFile } from "./model-file.ts";
import type { Library } from "./native/library.ts";
import type { Pointer } from "./native/llama.generated.ts";

/** LoRA adapters (Hu et al. 2021, arXiv 2106.09685) of one model. llama.cpp sets them for a context, so for all sequences of a step. */
export class Adapters {
  readonly #library: Library;
  readonly #context: Pointer;
  readonly #loaded: Pointer[];
  readonly #load: (path: string) => Pointer;
  #active = "";

  constructor(library: Library, context: Pointer, loaded: readonly Pointer[], load: (path: string) => Pointer) {
    this.#library = library;
    this.#context = context;
    this.#loaded = [...loaded];
    this.#load = load;
  }

  /** One more, while the model is in use. */
  add(path: string): void {
    this.#loaded.push(this.#load(path));
  }

  /** Uses these, and no others, from the next step on. */
  use(adapters: readonly AdapterScale[]): void {
    const key = adapters.map(({ adapter, scale }) => `${adapter}:${scale}`).join(" ");
    if (key === this.#active) return;
    const pointers = BigUint64Array.from(adapters, ({ adapter }) => this.#loaded[adapter] ?? 0n);
    const scales = Float32Array.from(adapters, ({ scale }) => scale);
    const code = this.#library.binding.llama_set_adapters_lora(this.#context, pointers, adapters.length, scales);
    if (code !== 0) throw new InfernoError("decode_failed", `llama.cpp could not use the LoRA adapters (code ${code}).`);
    this.#active = key;
  }
}

/** Loads an adapter file for a model; it is freed with `resources`, before the model. */
export function loadAdapter(library: Library, model: Pointer, path: string, resources: DisposableStore): Pointer {
  const { binding, log } = library;
  try {
    checkModelFile(library, path);
  } catch (error) {
    throw notLoaded(path, InfernoError.from(error).message);
  }
  log.clear();
  const adapter = binding.llama_adapter_lora_init(model, path);
  if (adapter === null) throw notLoaded(path, log.summary() || "no reason given");
  resources.add(toDisposable(() => binding.llama_adapter_lora_free(adapter)));
  return adapter;
}

function notLoaded(path: string, reason: string): InfernoError {
  return new InfernoError("model_load_failed", `llama.cpp could not load the LoRA adapter ${path}: ${reason.replace(/\.$/, "")}.`, {
    param: "lora", hint: "The adapter must be a GGUF file made for this very base model.",
  });
}
