/**
 * Reads and writes the GGUF files that benchmarks run on: metadata, tensor table, data aligned to 32 bytes.
 * Only what our generators need; a file from elsewhere goes through the engine's own reader.
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

export type MetadataValue =
  | { readonly type: "u32" | "f32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "i32s"; readonly value: readonly number[] }
  /** A value as the bytes of another file, type and all. */
  | { readonly type: "copied"; readonly value: Uint8Array };

export type TensorType = "f32" | "f16" | "q8_0" | "q4_0";

export interface Tensor {
  readonly name: string;
  readonly type: TensorType;
  /** Row length first, as ggml counts. */
  readonly shape: readonly number[];
  /** Called when the tensor's turn to be written comes, so that a large model is never in memory as a whole. */
  readonly bytes: () => Uint8Array;
}

export interface Gguf {
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: readonly Tensor[];
}

const alignment = 32;
const typeNumbers = { f32: 0, f16: 1, q4_0: 2, q8_0: 8 } as const;
/** Quantized types have one scale, an f16, for each block of so many weights. */
const blockWeights = 32;
const blockSizes = { q4_0: 18, q8_0: 34 } as const;
const valueTypes = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
/** Size of each fixed-size value by its number; 8 and 9, string and array, are not fixed. */
const valueSizes = new Map([[0, 1], [1, 1], [2, 2], [3, 2], [4, 4], [5, 4], [6, 4], [7, 1], [10, 8], [11, 8], [12, 8]]);

export const padded = (size: number): number => Math.ceil(size / alignment) * alignment;

export function byteSize(type: TensorType, shape: readonly number[]): number {
  const count = shape.reduce((product, length) => product * length, 1);
  if (type === "f32" || type === "f16") return count * (type === "f32" ? 4 : 2);
  return (count / blockWeights) * blockSizes[type];
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function valueBytes(entry: MetadataValue): Buffer {
  switch (entry.type) {
    case "u32": return Buffer.concat([u32(valueTypes.u32), u32(entry.value)]);
    case "f32": return Buffer.concat([u32(valueTypes.f32), f32(entry.value)]);
    case "bool": return Buffer.concat([u32(valueTypes.bool), Buffer.from([entry.value ? 1 : 0])]);
    case "string": return Buffer.concat([u32(valueTypes.string), text(entry.value)]);
    case "strings": return Buffer.concat([u32(valueTypes.array), u32(valueTypes.string), u64(entry.value.length), ...entry.value.map(text)]);
    case "i32s": return Buffer.concat([u32(valueTypes.array), u32(valueTypes.i32), u64(entry.value.length), Buffer.from(Int32Array.from(entry.value).buffer)]);
    case "copied": return Buffer.from(entry.value);
  }
}

export function writeGguf(path: string, { metadata, tensors }: Gguf): void {
  let offset = 0;
  const table = tensors.map(({ name, type, shape }) => {
    const row = Buffer.concat([text(name), u32(shape.length), ...shape.map(u64), u32(typeNumbers[type]), u64(offset)]);
    offset += padded(byteSize(type, shape));
    return row;
  });
  const entries = [...metadata].map(([key, value]) => Buffer.concat([text(key), valueBytes(value)]));
  const head = Buffer.concat([Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(metadata.size), ...entries, ...table]);
  const file = openSync(path, "w");
  try {
    writeAligned(file, head);
    for (const { name, type, shape, bytes } of tensors) {
      const data = bytes();
      if (data.length !== byteSize(type, shape)) throw new Error(`${name}: ${data.length} bytes, ${byteSize(type, shape)} expected`);
      writeAligned(file, data);
    }
  } finally {
    closeSync(file);
  }
}

function writeAligned(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  writeSync(file, Buffer.alloc(padded(bytes.length) - bytes.length));
}

/** Reads a file that is trusted: one of ours. Values stay bytes, except for whole numbers, which a generator changes. */
export function readGguf(path: string): Gguf {
  const file = readFileSync(path);
  let at = 8;
  const long = (): number => Number(file.readBigUInt64LE((at += 8) - 8));
  const int = (): number => file.readUInt32LE((at += 4) - 4);
  const string = (): string => {
    const length = long();
    return file.toString("utf8", at, (at += length));
  };
  const skip = (type: number): void => {
    if (type === valueTypes.string) string();
    else if (type === valueTypes.array) {
      const [of, length] = [int(), long()];
      for (let index = 0; index < length; index += 1) skip(of);
    } else at += valueSizes.get(type) ?? 0;
  };
  const [tensorCount, entryCount] = [long(), long()];
  const metadata = new Map<string, MetadataValue>();
  for (let index = 0; index < entryCount; index += 1) {
    const key = string();
    const start = at;
    const type = int();
    skip(type);
    metadata.set(key, type === valueTypes.u32 ? { type: "u32", value: file.readUInt32LE(start + 4) } : { type: "copied", value: file.subarray(start, at) });
  }
  const rows = Array.from({ length: tensorCount }, () => {
    const name = string();
    const shape = Array.from({ length: int() }, long);
    return { name, shape, type: typeOf(int(), name), offset: long() };
  });
  const data = padded(at);
  return {
    metadata,
    tensors: rows.map(({ name, shape, type, offset }) => ({
      name, shape, type, bytes: () => file.subarray(data + offset, data + offset + byteSize(type, shape)),
    })),
  };
}

function typeOf(number: number, name: string): TensorType {
  for (const type of ["f32", "f16", "q8_0", "q4_0"] as const) if (typeNumbers[type] === number) return type;
  throw new Error(`${name} has tensor type ${number}; only f32, f16, q8_0 and q4_0 are read here`);
}
