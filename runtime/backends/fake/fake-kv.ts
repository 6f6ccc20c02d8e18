import { assert } from "../../../base/assert.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import type { BackendCapacity, KvMemory } from "../backend.ts";

/** One token in the KV cache; sequences of the unified layout hold the same object. */
interface Cell {
  readonly token: number;
  holders: number;
}

interface FakeSequence {
  cells: Cell[];
  /** Tokens that `shift` dropped, and how many at the front never saw one of those: only they can be shared. */
  discarded: number;
  intact: number;
  /** The adapters it was computed with: what one set computed is nonsense to another. */
  adapters: string;
}

interface SavedSequence {
  readonly tokens: readonly number[];
  readonly discarded: number;
  readonly intact: number;
  readonly adapters: string;
}

/** The true tokens of every sequence, cell by cell. Calls for which a real engine would compute nonsense are errors. */
export class FakeKv implements KvMemory {
  readonly #capacity: BackendCapacity;
  readonly #sequences: readonly FakeSequence[];
  readonly #shifts: boolean;
  /** Cells in use; those of several sequences count once. */
  used = 0;

  constructor(capacity: BackendCapacity, shifts: boolean) {
    this.#capacity = capacity;
    this.#shifts = shifts;
    this.#sequences = Array.from({ length: capacity.sequences }, () => ({ cells: [], discarded: 0, intact: Infinity, adapters: "" }));
  }

  length(sequence: number): number {
    return this.#at(sequence).cells.length;
  }

  discarded(sequence: number): number {
    return this.#at(sequence).discarded;
  }

  tokens(sequence: number): number[] {
    return this.#at(sequence).cells.map((cell) => cell.token);
  }

  /** Cells that this sequence could still take. */
  free(sequence: number): number {
    const { cells, sequences, layout } = this.#capacity;
    return layout === "unified" ? cells - this.used : Math.floor(cells / sequences) - this.length(sequence);
  }

  append(sequence: number, tokens: readonly number[], adapters: string): void {
    const state = this.#at(sequence);
    if (state.cells.length === 0) state.adapters = adapters;
    assert(state.adapters === adapters, `sequence ${sequence} was computed with other adapters`);
    if (tokens.length > this.free(sequence)) throw noRoom(tokens.length, this.free(sequence));
    for (const token of tokens) state.cells.push({ token, holders: 1 });
    this.used += tokens.length;
  }

  copy(from: number, to: number, length: number): void {
    const [source, target] = [this.#at(from), this.#at(to)];
    assert(target.cells.length === 0, `sequence ${to} is not empty`);
    assert(length > 0 && length <= source.cells.length, `sequence ${from} holds ${source.cells.length} tokens, not ${length}`);
    assert(length <= source.intact, `sequence ${from} was shifted: only its first ${source.intact} tokens are a prefix`);
    assert(this.#capacity.truncates || length === source.cells.length, "the state of a recurrent model can only be copied whole");
    const shared = source.cells.slice(0, length);
    if (this.#capacity.layout === "per_sequence") {
      this.append(to, shared.map((cell) => cell.token), source.adapters);
      return;
    }
    for (const cell of shared) cell.holders += 1;
    target.cells = shared;
    target.adapters = source.adapters;
  }

  truncate(sequence: number, length: number): void {
    const state = this.#at(sequence);
    assert(length >= 0 && length <= state.cells.length, `sequence ${sequence} holds ${state.cells.length} tokens, not ${length}`);
    assert(length === 0 || length === state.cells.length || this.#capacity.truncates, "the state of a recurrent model cannot be cut back");
    this.#release(state.cells.splice(length));
    if (length === 0) [state.discarded, state.intact] = [0, Infinity];
  }

  shift(sequence: number, keep: number, discard: number): boolean {
    const state = this.#at(sequence);
    assert(keep >= 0 && discard > 0 && keep + discard <= state.cells.length, `sequence ${sequence} has no tokens ${keep} to ${keep + discard}`);
    if (!this.#shifts) return false;
    // A shared cell has one position: moving it would move it for the other sequence too.
    assert(state.cells.slice(keep + discard).every((cell) => cell.holders === 1), `sequence ${sequence} shares cells that would move`);
    this.#release(state.cells.splice(keep, discard));
    state.discarded += discard;
    state.intact = Math.min(state.intact, keep);
    return true;
  }

  save(sequence: number): Uint8Array {
    const { discarded, intact, adapters } = this.#at(sequence);
    // JSON has no Infinity.
    const state: SavedSequence = { tokens: this.tokens(sequence), discarded, intact: Math.min(intact, this.#capacity.context), adapters };
    return new TextEncoder().encode(JSON.stringify(state));
  }

  restore(sequence: number, bytes: Uint8Array): void {
    const state = this.#at(sequence);
    assert(state.cells.length === 0, `sequence ${sequence} is not empty`);
    const saved = JSON.parse(new TextDecoder().decode(bytes)) as SavedSequence;
    this.append(sequence, saved.tokens, saved.adapters);
    [state.discarded, state.intact] = [saved.discarded, saved.discarded === 0 ? Infinity : saved.intact];
  }

  #release(cells: readonly Cell[]): void {
    for (const cell of cells) {
      cell.holders -= 1;
      if (cell.holders === 0) this.used -= 1;
    }
  }

  #at(sequence: number): FakeSequence {
    const state = this.#sequences[sequence];
    assert(state, `sequence ${sequence} is out of range`);
    return state;
  }
}

/** What llama_decode's code 1 becomes. */
export function noRoom(needed: number, free: number): InfernoError {
  return new InfernoError("decode_failed", `The step needs ${needed} KV cells, and ${free} are free.`);
}
