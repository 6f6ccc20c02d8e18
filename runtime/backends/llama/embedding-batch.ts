import { address, alloc, encode, free } from "koffi";
import type { llama_batch } from "./native/llama.generated.ts";

/** The memory of one `llama_batch` of whole texts, each a sequence of its own from position 0. */
export class EmbeddingBatch {
  readonly #tokens: Int32Array;
  readonly #positions: Int32Array;
  readonly #sequencePointers: BigUint64Array;
  /** Outside JavaScript's heap, where they do not move: each token points to its sequence's id. */
  readonly #sequenceIds: bigint;
  readonly #native: llama_batch;

  constructor(capacity: number, inputs: number) {
    this.#tokens = new Int32Array(capacity);
    this.#positions = new Int32Array(capacity);
    this.#sequencePointers = new BigUint64Array(capacity);
    this.#sequenceIds = address(alloc("int32_t", inputs));
    encode(this.#sequenceIds, "int32_t", Int32Array.from({ length: inputs }, (_, id) => id), inputs);
    this.#native = {
      n_tokens: 0,
      token: this.#tokens,
      embd: null,
      pos: this.#positions,
      n_seq_id: new Int32Array(capacity).fill(1),
      seq_id: this.#sequencePointers,
      // None named: every token is an output, which pooling needs.
      logits: null,
    };
  }

  fill(inputs: readonly (readonly number[])[]): llama_batch {
    let row = 0;
    for (const [sequence, tokens] of inputs.entries()) {
      this.#tokens.set(tokens, row);
      const pointer = this.#sequenceIds + BigInt(sequence * Int32Array.BYTES_PER_ELEMENT);
      this.#sequencePointers.fill(pointer, row, row + tokens.length);
      for (let position = 0; position < tokens.length; position += 1) this.#positions[row + position] = position;
      row += tokens.length;
    }
    this.#native.n_tokens = row;
    return this.#native;
  }

  dispose(): void {
    free(this.#sequenceIds);
  }
}
