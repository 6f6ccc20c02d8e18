import { InfernoError } from "../../../../protocol/errors.ts";
import type { Binding, Pointer } from "../native/llama.generated.ts";
import { memoryCopier, type CopyMemory } from "./copy-memory.ts";
import { LogitsKernel } from "./kernel.ts";

/** The logits of single rows of the last batch, and what they say. There is room for one row at a time: what `read` and `seen` give holds until the next `read`. */
export class RowLogits {
  readonly #binding: Pick<Binding, "llama_get_logits_ith">;
  readonly #context: () => Pointer;
  readonly #kernel: LogitsKernel;
  readonly #copy: CopyMemory;

  constructor(binding: Pick<Binding, "llama_get_logits_ith">, context: () => Pointer, vocabulary: number) {
    this.#binding = binding;
    this.#context = context;
    this.#kernel = new LogitsKernel(vocabulary);
    this.#copy = memoryCopier();
  }

  /** A copy of a row. A view of the library's own memory is not possible everywhere, Electron forbids it. */
  read(row: number): Float32Array {
    const from = this.#binding.llama_get_logits_ith(this.#context(), row);
    if (from === null) throw new InfernoError("decode_failed", `The last batch has no logits in row ${row}.`);
    const { logits } = this.#kernel;
    this.#copy(logits, from, logits.byteLength);
    return logits;
  }

  /** Finds out what the row that was read last says, and its so many most likely tokens. */
  look(candidates: number): void {
    this.#kernel.look(candidates);
  }

  /** What was found. */
  get seen(): Pick<LogitsKernel, "logprob" | "entropy" | "top"> {
    return this.#kernel;
  }
}
