/** Writes little-endian values one behind the other; grows as needed. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  f32(value: number): void {
    const at = this.#take(4);
    this.#view.setFloat32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** What was written. The writer must not be used any more. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Where the next so many bytes go. May put others in the place of `#bytes` and `#view`. */
  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}

/** Reads them again. Throws RangeError where the bytes end too early. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#pass(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#pass(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#pass(4), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#pass(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#pass(8), true);
  }

  /** A view, not a copy. */
  bytes(count: number): Uint8Array {
    const at = this.#pass(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** So many values of `size` bytes each, one after the other; checked first, so that a claimed number takes no memory. */
  many<T>(count: number, size: number, read: () => T): T[] {
    if (count * size > this.left) throw new RangeError(`${count} values of ${size} bytes are said to follow, ${this.left} bytes do`);
    return Array.from({ length: count }, read);
  }

  #pass(count: number): number {
    const at = this.#at;
    if (count > this.left) throw new RangeError(`the bytes end at ${this.#bytes.length}, ${at + count} were to be read`);
    this.#at += count;
    return at;
  }
}
