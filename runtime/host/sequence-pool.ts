import { assert } from "../../base/assert.ts";
import type { BackendCapacity, KvMemory } from "../backends/backend.ts";
import { CellLedger } from "../scheduler/cell-ledger.ts";
import type { CachedState, PoolState, PrefixMatch } from "../scheduler/plan.ts";
import { PrefixTree } from "../scheduler/prefix-tree.ts";
import { EvictedPrefixes } from "./evicted-prefixes.ts";
import type { SavedState } from "./debug/debugged.ts";
import type { SpillFolder } from "./spill-folder.ts";

/** Tokens below which reading a file is no better than computing them again. */
const worthADisk = 32;

/** What is known of a live sequence. */
interface Entry {
  readonly namespace: string;
  /** A request works on it; else it is kept for the next one that begins alike. */
  running: boolean;
  /** Order of last use. */
  used: number;
}

export interface PrefixFound extends Omit<PrefixMatch, "coming"> {
  readonly running: boolean;
  /** Tokens in common, those included that a deterministic model computes again. */
  readonly common: number;
  /** The sequence's own token after the common ones; null when it ends there. */
  readonly next: number | null;
}

/**
 * The KV cache of one model: which sequence holds which tokens, which cells are free, what can be shared. It keeps the ledger, the tree of
 * prefixes and the engine's memory in step; nobody else calls the latter.
 */
export class SequencePool {
  readonly #memory: KvMemory;
  readonly #capacity: BackendCapacity;
  /** Where cached sequences go that have to leave; null for nowhere. */
  readonly #spill: SpillFolder | null;
  readonly #ledger: CellLedger;
  readonly #tree = new PrefixTree();
  readonly #evicted = new EvictedPrefixes();
  readonly #entries = new Map<number, Entry>();
  readonly #free: number[];
  #clock = 0;

  constructor(memory: KvMemory, capacity: BackendCapacity, spill: SpillFolder | null = null) {
    this.#memory = memory;
    this.#spill = spill;
    this.#capacity = capacity;
    this.#ledger = new CellLedger(capacity);
    this.#free = Array.from({ length: capacity.sequences }, (_, sequence) => capacity.sequences - 1 - sequence);
  }

  get cellsUsed(): number {
    return this.#ledger.used;
  }

  get cellsFree(): number {
    return this.#ledger.free;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** `promised`: cells that those who run will still take for what they have of tokens, their prompts most of all. */
  state(running: number, promised: number): PoolState {
    const { parallel, layout } = this.#capacity;
    const inUse = [...this.#entries].flatMap(([sequence, entry]) => (entry.running ? [sequence] : []));
    const reclaimableCells = this.#ledger.used - this.#ledger.heldBy(inUse);
    return { running, parallel, layout, freeCells: this.#ledger.free - promised, reclaimableCells, freeSequences: this.#free.length, cached: this.cached() };
  }

  /** Sequences that no request uses, longest unused first. */
  cached(): CachedState[] {
    const states: CachedState[] = [];
    for (const [sequence, { running, used }] of this.#entries) {
      if (!running) states.push({ sequence, used, tokens: this.#ledger.lengthOf(sequence) });
    }
    return states.sort((a, b) => a.used - b.used);
  }

  /** Free cells that this sequence may grow into: in the layout `per_sequence` it has cells of its own. */
  room(sequence: number): number {
    return this.#ledger.room(sequence);
  }

  /**
   * The live sequence that shares the longest beginning with a prompt. At least the prompt's last token always remains, for its logits;
   * in a deterministic model all from the last whole step on.
   */
  match(tokens: readonly number[], namespace: string): PrefixFound | null {
    if (!this.#capacity.truncates) return null;
    const found = this.#tree.longest(tokens, namespace);
    if (found === null) return null;
    const common = Math.min(found.length, tokens.length - 1);
    const most = this.#whole(common);
    let best: PrefixFound | null = null;
    // What others computed up to there is as good as what goes further.
    const sharing = most === 0 || most === common ? found : (this.#tree.longest(tokens.slice(0, most), namespace) ?? found);
    for (const sequence of sharing.sequences) {
      const ready = this.#whole(Math.min(most, this.#ledger.lengthOf(sequence)));
      const { running } = this.#entry(sequence);
      // Of equal ones a cached sequence is better: it may be gone on with.
      if (best === null || ready > best.ready || (ready === best.ready && best.running && !running)) {
        best = { sequence, length: most, common, ready, running, next: found.next };
      }
    }
    return best;
  }

  /** A sequence for a prompt that is about to be computed, beginning with `length` tokens of `from`, or empty. */
  open(prompt: readonly number[], namespace: string, from: { sequence: number; length: number; take: boolean } | null): number {
    const sequence = from?.take === true ? this.#take(from.sequence, from.length) : this.#begin(from);
    this.#entries.set(sequence, { namespace, running: true, used: this.#clock++ });
    this.#tree.insert(sequence, prompt, namespace);
    return sequence;
  }

  /** The engine has computed this many more tokens. */
  grew(sequence: number, count: number): void {
    this.#ledger.append(sequence, count);
  }

  /**
   * Nobody works on it any more: what it holds of `tokens` is kept for others, or its cells are freed. Of an answer's `tokens` the first
   * `prompt` were computed as a prompt: a deterministic model keeps no others.
   */
  leave(sequence: number, tokens: readonly number[], keep: boolean, prompt = tokens.length): void {
    const entry = this.#entry(sequence);
    const held = Math.min(tokens.length, this.#ledger.lengthOf(sequence));
    const length = this.#whole(this.#capacity.deterministic ? Math.min(held, prompt) : held);
    if (!keep || length === 0 || !this.#capacity.truncates) return this.evict(sequence);
    this.#cut(sequence, length);
    this.#tree.remove(sequence);
    this.#tree.insert(sequence, tokens.slice(0, length), entry.namespace);
    entry.running = false;
    entry.used = this.#clock++;
  }

  /** Frees its cells and its id. */
  evict(sequence: number): void {
    this.#tree.remove(sequence);
    this.#memory.truncate(sequence, 0);
    this.#ledger.truncate(sequence, 0);
    this.#entries.delete(sequence);
    // The lowest ids are given out first: those in use should follow one another (see the stepper's order).
    this.#free.push(sequence);
    this.#free.sort((a, b) => b - a);
  }

  /** Others need the room of a cached sequence: its state goes to disk, if there is a place for it. */
  drop(sequence: number): void {
    const tokens = this.#tree.tokensOf(sequence);
    const { namespace } = this.#entry(sequence);
    try {
      if (this.#spill !== null && tokens.length >= worthADisk) this.#spill.put({ tokens, state: this.#memory.save(sequence), namespace });
    } catch {
      // An engine that cannot save it costs the prefix, not the request that needs the room.
    }
    this.#evicted.add(Array.from(tokens), namespace);
    this.evict(sequence);
  }

  /** How many of a prompt's first tokens could be shared if nothing had had to make room; as in `match`, its last token remains. */
  evicted(tokens: readonly number[], namespace: string): number {
    return this.#whole(Math.min(this.#evicted.longest(tokens, namespace), tokens.length - 1));
  }

  dropAll(): void {
    for (const { sequence } of this.cached()) this.drop(sequence);
  }

  /** Reads back what is on disk of a prompt's beginning, if that is a good deal more than the cache has. True when it is in the cache now. */
  recall(tokens: readonly number[], namespace: string): boolean {
    const found = this.#spill?.match(tokens, namespace) ?? null;
    if (this.#spill === null || found === null) return false;
    const here = this.match(tokens, namespace);
    if (Math.min(found.length, tokens.length - 1) < (here?.length ?? 0) + worthADisk) return false;
    const saved = this.#spill.load(found);
    try {
      return saved !== null && this.adopt(saved.state, Array.from(saved.tokens), namespace);
    } catch {
      // The engine does not take it, and would not the next time: the prompt is computed.
      this.#spill.remove(found);
      return false;
    }
  }

  /** Takes a sequence's state out of the cache and frees it; freed it is too when the engine cannot save it. */
  swapOut(sequence: number): Uint8Array {
    try {
      return this.#memory.save(sequence);
    } finally {
      this.evict(sequence);
    }
  }

  /** Puts the first `keep` tokens of a state back; `tokens` are what others may share of it, planned ones included. Throws when the engine does not take it. */
  swapIn({ bytes, length }: SavedState, tokens: readonly number[], keep: number, namespace: string): number {
    const sequence = this.open(tokens, namespace, null);
    try {
      this.#memory.restore(sequence, bytes);
      this.#ledger.append(sequence, length);
      this.#cut(sequence, keep);
    } catch (error) {
      this.evict(sequence);
      throw error;
    }
    return sequence;
  }

  /** The state of the first `length` tokens of a live sequence, which stays as it is. Null when that takes a sequence id and none is free. */
  snapshot(sequence: number, length: number, tokens: readonly number[]): Uint8Array | null {
    if (length === this.#ledger.lengthOf(sequence)) return this.#memory.save(sequence);
    if (this.#free.length === 0) return null;
    return this.swapOut(this.open(tokens.slice(0, length), this.#entry(sequence).namespace, { sequence, length, take: false }));
  }

  /** Puts a saved state into the cache, as a request would have left it. False when there is no room even without the other cached ones. */
  adopt(state: Uint8Array, tokens: readonly number[], namespace: string): boolean {
    const { layout, cells, sequences, truncates } = this.#capacity;
    const most = layout === "unified" ? cells : Math.floor(cells / sequences);
    if (!truncates || tokens.length > most) return false;
    for (const { sequence } of this.cached()) {
      if (this.#free.length > 0 && this.#ledger.free >= tokens.length) break;
      this.drop(sequence);
    }
    if (this.#free.length === 0 || this.#ledger.free < tokens.length) return false;
    this.leave(this.swapIn({ bytes: state, length: tokens.length }, tokens, tokens.length, namespace), tokens, true);
    return true;
  }

  /** Drops the tokens [keep, keep + discard) of a running sequence. False where the model cannot; when it throws, the sequence can only be evicted. */
  shift(sequence: number, keep: number, discard: number): boolean {
    const length = this.#ledger.lengthOf(sequence);
    if (this.#ledger.ownCells(sequence) < length) {
      // Moving shared cells would move them for the others too: it gets its own.
      const lacks = (): boolean => this.#ledger.free < length - this.#ledger.ownCells(sequence);
      for (const { sequence: other } of this.cached()) if (lacks()) this.drop(other);
      if (lacks()) return false;
      const state = this.#memory.save(sequence);
      this.#memory.truncate(sequence, 0);
      this.#memory.restore(sequence, state);
      this.#ledger.truncate(sequence, 0);
      this.#ledger.append(sequence, length);
    }
    if (!this.#memory.shift(sequence, keep, discard)) return false;
    // What was computed behind the gap saw the tokens that are gone: it is no prefix of anything.
    this.#tree.truncate(sequence, keep);
    this.#ledger.truncate(sequence, length - discard);
    return true;
  }

  /** So many tokens, or of a deterministic model those in whole steps: only they are computed alike in every prompt. */
  #whole(length: number): number {
    const { deterministic, batch } = this.#capacity;
    return deterministic ? length - (length % batch) : length;
  }

  #entry(sequence: number): Entry {
    const entry = this.#entries.get(sequence);
    assert(entry, `sequence ${sequence} is not live`);
    return entry;
  }

  #take(sequence: number, length: number): number {
    assert(!this.#entry(sequence).running, `sequence ${sequence} is running`);
    this.#cut(sequence, length);
    this.#tree.remove(sequence);
    return sequence;
  }

  #begin(from: { sequence: number; length: number } | null): number {
    const sequence = this.#free.pop();
    assert(sequence !== undefined, "no sequence id is free");
    if (from !== null && from.length > 0) {
      this.#memory.copy(from.sequence, sequence, from.length);
      this.#ledger.share(from.sequence, sequence, from.length);
      this.#entry(from.sequence).used = this.#clock++;
    }
    return sequence;
  }

  #cut(sequence: number, length: number): void {
    if (length === this.#ledger.lengthOf(sequence)) return;
    this.#memory.truncate(sequence, length);
    this.#ledger.truncate(sequence, length);
  }
}
