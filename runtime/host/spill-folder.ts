import { readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { readStateFile, readStateHeader, readStateTokens, writeStateFile, type SavedSequence } from "./state-files.ts";

export interface SpillFolderOptions {
  /** A folder of this model's own. */
  readonly folder: string;
  readonly limitBytes: number;
  /** See `StateHeader`. */
  readonly binding: string;
  readonly now: () => Date;
}

interface Entry {
  readonly path: string;
  readonly tokens: Int32Array;
  readonly namespace: string;
  readonly size: number;
  /** Milliseconds since 1970: also the file's time, so that the order outlives the process. */
  used: number;
}

export interface SpillMatch {
  readonly path: string;
  /** Tokens in common. */
  readonly length: number;
}

/** Prefixes that had to leave the KV cache, on disk: the longest unused goes when there is no room. What is damaged or of another model is removed. */
export class SpillFolder {
  readonly #options: SpillFolderOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: SpillFolderOptions) {
    this.#options = options;
    for (const path of filesIn(options.folder)) this.#adopt(path);
    this.#makeRoom(0);
  }

  get bytes(): number {
    let sum = 0;
    for (const { size } of this.#entries.values()) sum += size;
    return sum;
  }

  /** Keeps a sequence, unless a longer one that begins with it is there. False when it alone would be too large, or the disk refuses. */
  put(sequence: SavedSequence): boolean {
    const { folder, limitBytes, binding, now } = this.#options;
    const tokens = Array.from(sequence.tokens);
    for (const entry of this.#entries.values()) {
      if (entry.namespace === sequence.namespace && common(entry.tokens, tokens) === tokens.length) return true;
    }
    // The header is some 300 bytes.
    const needed = sequence.state.length + sequence.tokens.byteLength + 512;
    if (needed > limitBytes) return false;
    this.#makeRoom(needed);
    const path = join(folder, `${nameOf(sequence)}.state`);
    try {
      const size = writeStateFile(path, sequence, binding, now().toISOString());
      this.#entries.set(path, { path, tokens: Int32Array.from(sequence.tokens), namespace: sequence.namespace, size, used: now().getTime() });
    } catch {
      // A full disk costs the prefix, not the answer.
      return false;
    }
    this.#dropCovered(path);
    return true;
  }

  /** The file that shares the longest beginning with a prompt; null when none shares anything. */
  match(tokens: readonly number[], namespace: string): SpillMatch | null {
    let best: SpillMatch | null = null;
    for (const entry of this.#entries.values()) {
      if (entry.namespace !== namespace) continue;
      const length = common(entry.tokens, tokens);
      if (length > (best?.length ?? 0)) best = { path: entry.path, length };
    }
    return best;
  }

  /** Reads it back, and counts it as used. Null when it is gone or damaged; then it is forgotten. */
  load({ path }: SpillMatch): SavedSequence | null {
    const entry = this.#entries.get(path);
    const sequence = entry === undefined ? null : readStateFile(path, this.#options.binding);
    if (entry === undefined || sequence === null) {
      this.#remove(path);
      return null;
    }
    entry.used = this.#options.now().getTime();
    touch(path, entry.used);
    return sequence;
  }

  /** It is of no use. */
  remove({ path }: SpillMatch): void {
    this.#remove(path);
  }

  #adopt(path: string): void {
    const header = readStateHeader(path);
    const tokens = header?.binding === this.#options.binding ? readStateTokens(path) : null;
    if (header === null || tokens === null) return rmSync(path, { force: true });
    this.#entries.set(path, { path, tokens, namespace: header.namespace, size: header.size, used: timeOf(path) });
  }

  #makeRoom(needed: number): void {
    const { limitBytes } = this.#options;
    const oldestFirst = [...this.#entries.values()].sort((a, b) => a.used - b.used);
    for (const { path } of oldestFirst) {
      if (this.bytes + needed <= limitBytes) return;
      this.#remove(path);
    }
  }

  /** A shorter beginning of the same text is of no more use. */
  #dropCovered(path: string): void {
    const kept = this.#entries.get(path);
    if (kept === undefined) return;
    const tokens = Array.from(kept.tokens);
    for (const entry of [...this.#entries.values()]) {
      if (entry.path !== path && entry.namespace === kept.namespace && common(entry.tokens, tokens) === entry.tokens.length) this.#remove(entry.path);
    }
  }

  #remove(path: string): void {
    this.#entries.delete(path);
    rmSync(path, { force: true });
  }
}

function common(a: Int32Array, b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

const nameOf = ({ tokens, namespace }: SavedSequence): string =>
  createHash("sha256").update(namespace).update("\0").update(Buffer.from(tokens.buffer, tokens.byteOffset, tokens.byteLength)).digest("hex").slice(0, 32);

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    // Not there yet.
    return [];
  }
}

function timeOf(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function touch(path: string, ms: number): void {
  try {
    utimesSync(path, ms / 1000, ms / 1000);
  } catch {
    // Gone meanwhile: reading it again will notice.
  }
}
