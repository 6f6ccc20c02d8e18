import type { Cancellation } from "../workspace.ts";

/** The file ended before the value did. */
export class EndOfFile extends Error {
  readonly at: number;

  constructor(at: number) {
    super(`The file ends at byte ${at}`);
    this.at = at;
  }
}

export class Cancelled extends Error {}
export class HeaderTooLarge extends Error {}

export interface ByteSourceOptions {
  readonly size: number;
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  readonly cancellation?: Cancellation | undefined;
}

/** Tokenizer tables make headers of several megabytes; most reads are answered from one block. */
const blockBytes = 256 * 1024;

/** No real header is larger; a file made to look endless must not keep the server busy. */
const mostHeaderBytes = 256 * 1024 * 1024;

/** Little-endian values, read one after the other from a file of which only one block is in memory. */
export class ByteSource {
  readonly #options: ByteSourceOptions;
  #block: DataView = new DataView(new ArrayBuffer(0));
  #blockStart = 0;
  #position = 0;

  constructor(options: ByteSourceOptions) {
    this.#options = options;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#options.size - this.#position;
  }

  async u32(): Promise<number> {
    const at = await this.#take(4);
    return this.#block.getUint32(at, true);
  }

  /** As a number: what lies above 2^53 cannot be a length or an offset in any real file. */
  async u64(): Promise<number> {
    const at = await this.#take(8);
    return Number(this.#block.getBigUint64(at, true));
  }

  /** Bytes as Latin-1: keys and names are ASCII, and a wrong one is only shown. */
  async text(length: number): Promise<string> {
    const at = await this.#take(length);
    let text = "";
    for (let index = 0; index < length; index += 1) text += String.fromCharCode(this.#block.getUint8(at + index));
    return text;
  }

  skip(length: number): void {
    if (length > this.remaining) throw new EndOfFile(this.#options.size);
    this.#position += length;
  }

  /** The next `length` bytes are in the block; returns where in it they begin. */
  async #take(length: number): Promise<number> {
    if (length > this.remaining) throw new EndOfFile(this.#options.size);
    const start = this.#position - this.#blockStart;
    this.#position += length;
    if (start >= 0 && start + length <= this.#block.byteLength) return start;
    await this.#load(this.#position - length, Math.max(length, blockBytes));
    if (length > this.#block.byteLength) throw new EndOfFile(this.#blockStart + this.#block.byteLength);
    return 0;
  }

  async #load(offset: number, length: number): Promise<void> {
    if (offset > mostHeaderBytes) throw new HeaderTooLarge();
    if (this.#options.cancellation?.isCancellationRequested === true) throw new Cancelled();
    const bytes = await this.#options.read(offset, length);
    this.#block = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#blockStart = offset;
  }
}
