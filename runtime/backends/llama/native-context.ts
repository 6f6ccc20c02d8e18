import { InfernoError } from "../../../protocol/errors.ts";
import type { LoadOptions } from "../backend.ts";
import { createContext } from "./model.ts";
import type { Library } from "./native/library.ts";
import type { llama_context_params, Pointer } from "./native/llama.generated.ts";

export interface NativeContextOptions {
  readonly library: Library;
  readonly model: Pointer;
  readonly params: llama_context_params;
  readonly load: LoadOptions;
}

/** What must be told where the context is, after it was made anew. */
export interface ContextUser {
  moveTo(context: Pointer): void;
}

/**
 * A model's context. Some parameters are read only when it is made, such as the callback for every operation: to change one, it is made anew and goes
 * on with the same state.
 */
export class NativeContext {
  readonly #options: NativeContextOptions;
  readonly #users: ContextUser[] = [];
  #pointer: Pointer;

  constructor(options: NativeContextOptions) {
    this.#options = options;
    this.#pointer = createContext(options.library, options.model, options.params, options.load);
  }

  get pointer(): Pointer {
    if (this.#pointer !== null) return this.#pointer;
    throw new InfernoError("decode_failed", "The model's context is gone: there was no memory to make it anew.", { hint: "Unload the model; the next request loads it again." });
  }

  get isAlive(): boolean {
    return this.#pointer !== null;
  }

  /** These are told whenever there is another. */
  tell(...users: readonly ContextUser[]): void {
    this.#users.push(...users);
  }

  /** Between two steps. Of its state the cells are kept, the logits of the last step are not. Returns the size of the state in bytes. */
  remake(changes: Partial<llama_context_params>): number {
    const { library: { binding }, library, model, params, load } = this.#options;
    const state = this.#save();
    binding.llama_free(this.#pointer);
    this.#pointer = null;
    this.#pointer = createContext(library, model, { ...params, ...changes }, load);
    for (const user of this.#users) user.moveTo(this.#pointer);
    const read = Number(binding.llama_state_set_data(this.#pointer, state, state.length));
    if (read !== state.length) throw new InfernoError("decode_failed", `llama.cpp took back ${read} of ${state.length} bytes of the context's state.`);
    return state.length;
  }

  dispose(): void {
    this.#options.library.binding.llama_free(this.#pointer);
    this.#pointer = null;
  }

  #save(): Uint8Array {
    const { binding } = this.#options.library;
    const size = Number(binding.llama_state_get_size(this.pointer));
    const state = stateBuffer(size);
    const written = Number(binding.llama_state_get_data(this.pointer, state, size));
    if (written !== size) throw new InfernoError("decode_failed", `llama.cpp wrote ${written} of ${size} bytes of the context's state.`);
    return state;
  }
}

function stateBuffer(size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new InfernoError("decode_failed", `The context's state of ${size} bytes is too large to be kept while the context is made anew.`, { cause });
  }
}
