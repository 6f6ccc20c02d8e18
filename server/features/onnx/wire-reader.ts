import { Cancelled, EndOfFile } from "../gguf/byte-source.ts";
import type { Cancellation } from "../workspace.ts";

/** What stands here is no tag of a protobuf field. */
export class NotProtobuf extends Error {
  readonly at: number;

  constructor(at: number) {
    super(`No field begins at byte ${at}`);
    this.at = at;
  }
}

/** More was read than an answer while somebody types is worth. */
export class TooMuch extends Error {}

export interface WireField {
  readonly number: number;
  /** Where the value ends, of those that have a length; the reader stands at its beginning. */
  readonly end: number | null;
}

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
/** Weights lie between the names, so blocks are small. */
const blockBytes = 16 * 1024;
const mostBytes = 64 * 2 ** 20;
/** Names of values; a length beyond it is of something else. */
const longestText = 4096;
/** A varint of 64 bits. */
const longestVarint = 10;

/** Walks over the fields of a protobuf message in a file, of which one block is in memory. */
export class WireReader {
  readonly #size: number;
  readonly #read: (offset: number, length: number) => Promise<Uint8Array>;
  readonly #cancellation: Cancellation;
  #block = new Uint8Array();
  #blockStart = 0;
  #position = 0;
  #bytesRead = 0;

  constructor(size: number, read: (offset: number, length: number) => Promise<Uint8Array>, cancellation: Cancellation) {
    this.#size = size;
    this.#read = read;
    this.#cancellation = cancellation;
  }

  /** Fields from here to `end`, one after the other; whatever of a value was not read is passed over. */
  async *fields(end: number): AsyncGenerator<WireField> {
    while (this.#position < end) {
      const at = this.#position;
      const tag = await this.#varint();
      const [number, type] = [Math.floor(tag / 8), tag % 8];
      if (number === 0) throw new NotProtobuf(at);
      if (type === wire.bytes) {
        const length = await this.#varint();
        const valueEnd = this.#position + length;
        if (valueEnd > this.#size) throw new EndOfFile(this.#size);
        if (valueEnd > end) throw new NotProtobuf(at);
        yield { number, end: valueEnd };
        this.#position = valueEnd;
      } else {
        if (type === wire.varint) await this.#varint();
        else if (type === wire.fixed64) this.#position += 8;
        else if (type === wire.fixed32) this.#position += 4;
        else throw new NotProtobuf(at);
        yield { number, end: null };
      }
    }
  }

  /** UTF-8 from here to `end`. */
  async text(end: number): Promise<string> {
    const length = Math.min(end - this.#position, longestText);
    const bytes: string[] = [];
    for (let index = 0; index < length; index += 1) bytes.push((await this.#byte()).toString(16).padStart(2, "0"));
    try {
      // What runs in every editor has no TextDecoder.
      return decodeURIComponent(bytes.map((byte) => `%${byte}`).join(""));
    } catch {
      return bytes.join("");
    }
  }

  async #varint(): Promise<number> {
    const at = this.#position;
    let value = 0;
    for (let index = 0; index < longestVarint; index += 1) {
      const byte = await this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new NotProtobuf(at);
  }

  async #byte(): Promise<number> {
    const at = this.#position - this.#blockStart;
    if (at < 0 || at >= this.#block.length) await this.#load();
    const byte = this.#block[this.#position - this.#blockStart];
    if (byte === undefined) throw new EndOfFile(this.#position);
    this.#position += 1;
    return byte;
  }

  async #load(): Promise<void> {
    if (this.#position >= this.#size) throw new EndOfFile(this.#size);
    if (this.#cancellation.isCancellationRequested) throw new Cancelled();
    if (this.#bytesRead > mostBytes) throw new TooMuch();
    this.#block = Uint8Array.from(await this.#read(this.#position, Math.min(blockBytes, this.#size - this.#position)));
    this.#blockStart = this.#position;
    this.#bytesRead += this.#block.length;
  }
}
