import { assert } from "../../../base/assert.ts";
import type { GenerationParams } from "../../../protocol/model.ts";
import type { Sampler } from "../backend.ts";

/** What an answer is a function of: nothing else, so that a wrong KV cache gives a wrong answer. */
export interface FakeContext {
  /** Tokens in the KV cache. */
  readonly tokens: readonly number[];
  /** Tokens that are no longer there because of a shift. */
  readonly discarded: number;
}

/** Writes the answer to a prompt, token by token. */
export type FakeAuthor = (prompt: readonly number[], seed: number) => Iterator<number, undefined>;

/** Remembers where the prompt ended, and of the answer only what follows from the prompt found in the KV cache. */
export class FakeSampler implements Sampler {
  readonly params: GenerationParams;
  readonly records: boolean;
  readonly #promptLength: number;
  readonly #onDispose: () => void;
  readonly #onClone: () => void;
  watched = false;
  /** What is taken next in place of the script's token. */
  forced: number | null = null;
  #prompt: readonly number[] | undefined;
  #author: Iterator<number, undefined> | undefined;
  #answer: number[] = [];
  #disposed = false;

  constructor({ params, records }: Pick<FakeSampler, "params" | "records">, promptLength: number, count: { readonly cloned: () => void; readonly disposed: () => void }) {
    this.params = params;
    this.records = records;
    this.#promptLength = promptLength;
    this.#onClone = count.cloned;
    this.#onDispose = count.disposed;
  }

  clone(changed?: Parameters<Sampler["clone"]>[0]): FakeSampler {
    this.assertUsable();
    this.#onClone();
    const copy = new FakeSampler({ params: changed?.params ?? this.params, records: this.records }, this.#promptLength, { cloned: this.#onClone, disposed: this.#onDispose });
    copy.watched = this.watched;
    return copy;
  }

  watch(): void {
    this.watched = true;
  }

  /** Its tokens are code points. */
  has(token: number): boolean {
    return token >= 0 && token <= 0x10_ffff;
  }

  allows(): boolean {
    return true;
  }

  force(token: number): void {
    assert(this.watched, "a choice is made for a sampler that nobody watches");
    this.forced = token;
  }

  /** 0 when sampling is greedy: then every seed gives the same answer. */
  get seed(): number {
    return this.params.temperature === 0 ? 0 : this.params.seed;
  }

  /** The script's next token; undefined at its end, `wrong` when the answer in the KV cache is not the script's. */
  next({ tokens, discarded }: FakeContext, wrong: number, write: FakeAuthor): number | undefined {
    const promptLength = Math.max(0, this.#promptLength - discarded);
    if (discarded === 0 || !this.#prompt) this.#read(tokens.slice(0, promptLength), write);
    const index = tokens.length + discarded - this.#promptLength;
    while (this.#answer.length <= index) {
      const token = this.#author?.next().value;
      if (token === undefined) break;
      this.#answer.push(token);
    }
    const written = tokens.slice(promptLength);
    // After a shift the beginning of the answer may be gone: then only the last token can be checked.
    const checked = discarded === 0 ? written : written.slice(-1);
    const first = index - checked.length;
    return checked.every((token, i) => token === this.#answer[first + i]) ? this.#answer[index] : wrong;
  }

  assertUsable(): void {
    assert(!this.#disposed, "a sampler is used after its disposal");
  }

  dispose(): void {
    this.assertUsable();
    this.#disposed = true;
    this.#onDispose();
  }

  #read(prompt: readonly number[], write: FakeAuthor): void {
    const known = this.#prompt;
    if (known?.length === prompt.length && prompt.every((token, i) => token === known[i])) return;
    this.#prompt = prompt;
    this.#author = write(prompt, this.seed);
    this.#answer = [];
  }
}
