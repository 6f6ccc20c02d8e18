import { address, alloc, encode, free } from "koffi";

import { assert } from "../../../base/assert.ts";
import type { BatchItem } from "../backend.ts";
import type { llama_batch } from "./native/llama.generated.ts";

/** The memory of one `llama_batch`, allocated once and filled anew for each step. */
export class Batch {
  readonly #capacity: number;
  readonly #tokens: Int32Array;
  readonly #positions: Int32Array;
  readonly #sequenceCounts: Int32Array;
  readonly #sequencePointers: BigUint64Array;
  readonly #outputs: Int8Array;
  /** The ids 0, 1, 2 … outside JavaScript's heap, where they do not move: each token of a batch points to its sequence's id. */
  readonly #sequenceIds: bigint;
  readonly #native: llama_batch;

  constructor(capacity: number, sequences: number) {
    this.#capacity = capacity;
    this.#tokens = new Int32Array(capacity);
    this.#positions = new Int32Array(capacity);
    this.#sequenceCounts = new Int32Array(capacity).fill(1);
    this.#sequencePointers = new BigUint64Array(capacity);
    this.#outputs = new Int8Array(capacity);
    this.#sequenceIds = address(alloc("int32_t", sequences));
    encode(this.#sequenceIds, "int32_t", Int32Array.from({ length: sequences }, (_, id) => id), sequences);
    this.#native = {
      n_tokens: 0,
      token: this.#tokens,
      embd: null,
      pos: this.#positions,
      n_seq_id: this.#sequenceCounts,
      seq_id: this.#sequencePointers,
      logits: this.#outputs,
    };
  }

  /** The batch of all items in their order; logits are computed for the last token of items that sample, and for no other. */
  fill(items: readonly BatchItem[]): llama_batch {
    let row = 0;
    for (const { sequence, tokens, position, sample } of items) {
      assert(tokens.length > 0, `sequence ${sequence} has an item without tokens`);
      assert(row + tokens.length <= this.#capacity, `the batch holds more than ${this.#capacity} tokens`);
      const pointer = this.#sequenceIds + BigInt(sequence * Int32Array.BYTES_PER_ELEMENT);
      for (let index = 0; index < tokens.length; index += 1) {
        this.#tokens[row] = tokens[index] ?? -1;
        this.#positions[row] = position + index;
        this.#sequencePointers[row] = pointer;
        this.#outputs[row] = 0;
        row += 1;
      }
      if (sample) this.#outputs[row - 1] = 1;
    }
    this.#native.n_tokens = row;
    return this.#native;
  }

  dispose(): void {
    free(this.#sequenceIds);
  }
}
