import { assert } from "../../base/assert.ts";
import { invalidFile } from "./faults.ts";

/** Whole numbers beyond this are written as doubles, so that no sum, difference or doubling of two of them loses a bit. */
export const integerLimit = 2 ** 50;

/** Bytes in the making. All numbers are little-endian; a varint has seven bits a byte, the lowest first. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.#room(2);
    this.#view.setUint16(this.#length, value, true);
    this.#length += 2;
  }

  u32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  f32(value: number): void {
    this.#room(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  f64(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  varint(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, `${value} is no varint`);
    this.#room(8);
    let rest = value;
    // Bits above the 31st only divide.
    while (rest >= 0x8000_0000) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A whole number with a sign: 0, -1, 1, -2, … as 0, 1, 2, 3, … */
  signed(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** All that was written; the writer is used up. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Reads what ByteWriter wrote, from a stranger: every length is checked against the bytes that are there. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** The chunk's place in the file, for messages. */
  readonly #place: number;
  #at = 0;

  constructor(bytes: Uint8Array, place: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#place = place;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 8; count += 1) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (byte < 128) return Number.isSafeInteger(value) ? value : this.fail("a number is too large");
      scale *= 128;
    }
    return this.fail("a number has no end");
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A number of things of which each takes at least `least` bytes: refused before anything is made for them. */
  count(least: number, of: string): number {
    const count = this.varint();
    if (count * least > this.left) this.fail(`${count} ${of} are claimed, and ${this.left} bytes are left`);
    return count;
  }

  /** A reader of the next bytes alone. */
  part(length: number): ByteReader {
    return new ByteReader(this.bytes(length), this.#place);
  }

  /** Throws unless there are bytes for `count` things of `width` bytes or more. */
  need(count: number, width: number): void {
    if (count * width > this.left) this.fail(`${count} values are claimed, and ${this.left} bytes are left`);
  }

  fail(what: string): never {
    throw invalidFile(this.#place, `its content is not valid: ${what} (byte ${this.#at} of the content)`);
  }

  #take(length: number): number {
    if (length > this.left) this.fail(`${length} bytes are wanted, and ${this.left} are left`);
    const at = this.#at;
    this.#at += length;
    return at;
  }
}
