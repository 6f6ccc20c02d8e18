import { assert } from "../../../base/assert.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { BackendCapacity, KvMemory } from "../backend.ts";
import type { Binding, Pointer } from "./native/llama.generated.ts";

/** The KV cache of one context. */
export class LlamaMemory implements KvMemory {
  readonly #binding: Binding;
  #context: Pointer;
  #memory: Pointer;
  readonly #unified: boolean;
  readonly #truncates: boolean;
  readonly #sequences: number;

  /** `sequences`: ids, those that try guesses out too. */
  constructor(binding: Binding, context: Pointer, { layout, truncates }: BackendCapacity, sequences: number) {
    this.#binding = binding;
    this.#context = context;
    this.#memory = binding.llama_get_memory(context);
    this.#unified = layout === "unified";
    this.#truncates = truncates;
    this.#sequences = sequences;
  }

  moveTo(context: Pointer): void {
    this.#context = context;
    this.#memory = this.#binding.llama_get_memory(context);
  }

  copy(from: number, to: number, length: number): void {
    this.#check(from);
    this.#check(to);
    if (this.#unified) {
      this.#binding.llama_memory_seq_cp(this.#memory, from, to, 0, length);
      return;
    }
    // Between sequences with cells of their own llama.cpp copies whole buffers, used or not, and ends the process for less: the state is what is used.
    this.restore(to, this.save(from));
    this.truncate(to, length);
  }

  /** Adds the tokens at positions [`start`, `end`) of one sequence to another that has none there. Only in the layout `unified`. */
  adopt(from: number, to: number, start: number, end: number): void {
    this.#binding.llama_memory_seq_cp(this.#memory, from, to, start, end);
  }

  truncate(sequence: number, length: number): void {
    this.#check(sequence);
    if (this.#binding.llama_memory_seq_rm(this.#memory, sequence, length, -1)) return;
    throw new InfernoError("decode_failed", `llama.cpp cannot cut sequence ${sequence} at token ${length}: the model's memory has no earlier state.`);
  }

  shift(sequence: number, keep: number, discard: number): boolean {
    this.#check(sequence);
    // Recurrent models say that they can shift, and that tokens in the middle are gone: their positions move, but the state has taken them in.
    if (!this.#truncates || !this.#binding.llama_memory_can_shift(this.#memory)) return false;
    if (!this.#binding.llama_memory_seq_rm(this.#memory, sequence, keep, keep + discard)) return false;
    this.#binding.llama_memory_seq_add(this.#memory, sequence, keep + discard, -1, -discard);
    return true;
  }

  save(sequence: number): Uint8Array {
    this.#check(sequence);
    const size = Number(this.#binding.llama_state_seq_get_size(this.#context, sequence));
    const state = new Uint8Array(size);
    const written = Number(this.#binding.llama_state_seq_get_data(this.#context, state, size, sequence));
    if (written !== size) throw new InfernoError("decode_failed", `llama.cpp wrote ${written} of ${size} bytes of a sequence's state.`);
    return state;
  }

  restore(sequence: number, state: Uint8Array): void {
    this.#check(sequence);
    const read = Number(this.#binding.llama_state_seq_set_data(this.#context, state, state.length, sequence));
    if (read > 0 && read === state.length) return;
    this.truncate(sequence, 0);
    throw new InfernoError("decode_failed", `llama.cpp could not put a sequence's state of ${state.length} bytes back: it is of another model or there are not enough cells.`);
  }

  /** llama.cpp ends the process for an id that it does not have, and takes a negative one for all sequences. */
  #check(sequence: number): void {
    assert(sequence >= 0 && sequence < this.#sequences, `sequence ${sequence} is out of range`);
  }
}
