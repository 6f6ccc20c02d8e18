import { address } from "koffi";

import { assert } from "../../../base/assert.ts";
import type { llama_batch } from "./native/llama.generated.ts";

/** The memory of one `llama_batch`, allocated once and filled anew for each step. */
export class Batch {
  readonly #capacity: number;
  readonly #tokens: Int32Array;
  readonly #positions: Int32Array;
  readonly #sequenceCounts: Int32Array;
  readonly #sequencePointers: BigUint64Array;
  readonly #outputs: Int8Array;
  /** The ids 0, 1, 2 …, to which the tokens of a batch point, and behind them lists of several ids. The memory of an array buffer does not move. */
  readonly #ids: Int32Array;
  readonly #idsAt: bigint;
  readonly #sequences: number;
  #listed = 0;
  #row = 0;
  readonly #native: llama_batch;

  /** `shared`: most ids in lists, over all tokens that belong to several sequences. */
  constructor(capacity: number, sequences: number, shared: number) {
    this.#capacity = capacity;
    this.#sequences = sequences;
    this.#tokens = new Int32Array(capacity);
    this.#positions = new Int32Array(capacity);
    this.#sequenceCounts = new Int32Array(capacity);
    this.#sequencePointers = new BigUint64Array(capacity);
    this.#outputs = new Int8Array(capacity);
    const memory = new ArrayBuffer((sequences + shared) * Int32Array.BYTES_PER_ELEMENT);
    this.#ids = new Int32Array(memory);
    this.#idsAt = address(memory);
    for (let id = 0; id < sequences; id += 1) this.#ids[id] = id;
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

  clear(): void {
    this.#row = 0;
    this.#listed = 0;
  }

  /** Appends a token and returns its row; logits are computed for it if `output`. */
  add(token: number, position: number, sequence: number, output: boolean): number {
    return this.#append(token, position, sequence, 1, output);
  }

  /** Appends a token of several sequences: what it computes is theirs in common. */
  addShared(token: number, position: number, sequences: readonly number[], output: boolean): number {
    const at = this.#sequences + this.#listed;
    assert(at + sequences.length <= this.#ids.length, "too many tokens of several sequences in one batch");
    this.#ids.set(sequences, at);
    this.#listed += sequences.length;
    return this.#append(token, position, at, sequences.length, output);
  }

  get native(): llama_batch {
    this.#native.n_tokens = this.#row;
    return this.#native;
  }

  #append(token: number, position: number, ids: number, count: number, output: boolean): number {
    const row = this.#row;
    assert(row < this.#capacity, `the batch holds more than ${this.#capacity} tokens`);
    this.#tokens[row] = token;
    this.#positions[row] = position;
    this.#sequencePointers[row] = this.#idsAt + BigInt(ids * Int32Array.BYTES_PER_ELEMENT);
    this.#sequenceCounts[row] = count;
    this.#outputs[row] = output ? 1 : 0;
    this.#row = row + 1;
    return row;
  }
}
