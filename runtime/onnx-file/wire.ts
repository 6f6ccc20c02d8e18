import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { InfernoError } from "../../protocol/errors.ts";

/** One field of a protobuf message as it lies in the file: `start` to `end` is its value, without tag and length. */
export interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly tagStart: number;
  readonly start: number;
  readonly end: number;
}

const windowBytes = 256 * 1024;
/** Longest varint: ten groups of seven bits. */
const longestVarint = 10;
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Names come from the file, and may be of any length. */
const longestMessage = 1000;

export const invalidFile = (path: string, what: string, cause?: unknown): InfernoError =>
  new InfernoError("model_file_invalid", `${path}: ${what.length > longestMessage ? `${what.slice(0, longestMessage)}…` : what}`, { cause });

/** Reads a file in windows: walking over a model must not bring its weights into memory. */
export class ByteFile {
  readonly path: string;
  readonly size: number;
  readonly #descriptor: number;
  #window = new Uint8Array(0);
  #windowStart = 0;

  /** Throws `model_file_missing`. */
  constructor(path: string) {
    this.path = path;
    try {
      // Before it is opened: opening a pipe waits until somebody writes into it.
      if (!statSync(path).isFile()) throw new InfernoError("model_file_missing", `${path} is not a file.`);
      this.#descriptor = openSync(path, "r");
    } catch (cause) {
      if (cause instanceof InfernoError) throw cause;
      throw new InfernoError("model_file_missing", `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
    }
    this.size = fstatSync(this.#descriptor).size;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Fills `target` from this place on. Throws `model_file_invalid` where the file ends before. */
  readInto(target: Uint8Array, offset: number): void {
    for (let done = 0; done < target.length;) {
      const count = readSync(this.#descriptor, target, done, target.length - done, offset + done);
      if (count === 0) throw invalidFile(this.path, `the file ends at byte ${offset + done}, in the middle of ${target.length} bytes.`);
      done += count;
    }
  }

  /** A copy. */
  bytes(start: number, end: number): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(end - start);
    if (start >= this.#windowStart && end <= this.#windowStart + this.#window.length) {
      copy.set(this.#window.subarray(start - this.#windowStart, end - this.#windowStart));
    } else {
      this.readInto(copy, start);
    }
    return copy;
  }

  byte(offset: number): number {
    const at = offset - this.#windowStart;
    if (at >= 0 && at < this.#window.length) return this.#window[at]!;
    const window = new Uint8Array(Math.min(windowBytes, this.size - offset));
    this.readInto(window, offset);
    this.#window = window;
    this.#windowStart = offset;
    return window[0]!;
  }
}

/** The fields of the message that lies between two places. Throws `model_file_invalid` for what cannot be one. */
export function* fieldsOf(file: ByteFile, start: number, end: number): Generator<Field> {
  let at = start;
  const varint = (): number => {
    let value = 0;
    for (let index = 0; index < longestVarint; index++) {
      if (at >= end) throw invalidFile(file.path, `a number at byte ${at} runs past the end of what it is part of.`);
      const byte = file.byte(at++);
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw invalidFile(file.path, `a number before byte ${at} is longer than ${longestVarint} bytes.`);
  };
  const lengthOf = (wireType: number): number => {
    if (wireType === wire.bytes) return varint();
    if (wireType === wire.fixed64) return 8;
    if (wireType === wire.fixed32) return 4;
    if (wireType !== wire.varint) throw invalidFile(file.path, `byte ${at} begins a field of the unknown kind ${wireType}.`);
    const from = at;
    varint();
    const length = at - from;
    at = from;
    return length;
  };
  while (at < end) {
    const tagStart = at;
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (number < 1 || number > 0x1fff_ffff) throw invalidFile(file.path, `byte ${tagStart} begins no field of a model.`);
    const length = lengthOf(tag % 8);
    if (length > end - at) throw invalidFile(file.path, `byte ${tagStart} claims ${length} bytes, and ${end - at} are left: truncated, or not an ONNX file.`);
    yield { number, wireType: tag % 8, tagStart, start: at, end: at + length };
    at += length;
  }
}

export const isBytes = ({ wireType }: Field): boolean => wireType === wire.bytes;

export function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

/** The tag of a field whose value has a length. */
export const bytesTag = (number: number): Uint8Array => varintBytes(number * 8 + wire.bytes);
