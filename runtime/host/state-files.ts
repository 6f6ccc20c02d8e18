import { closeSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { z } from "zod";

/**
 * A sequence's tokens and the engine's state of it, as a file: `INFS`, length of the header, the header as JSON, tokens, state.
 * A state means something to the very model and engine that made it; `binding` names both.
 */
export const StateHeader = z.object({
  version: z.literal(1),
  /** Model file, engine release and cache format, as one word. */
  binding: z.string(),
  /** LoRA adapters in use, as the host writes them. */
  namespace: z.string(),
  tokens: z.int().min(1),
  bytes: z.int().min(1),
  /** Of tokens and state. */
  checksum: z.int(),
  createdAt: z.string(),
});
export type StateHeader = z.infer<typeof StateHeader>;

export interface SavedSequence {
  readonly tokens: Int32Array;
  readonly state: Uint8Array;
  readonly namespace: string;
}

const magic = "INFS";
/** Magic and the header's length. */
const fixedBytes = 8;
/** A header is some 300 bytes; more is no header of ours. */
const longestHeader = 65_536;

/** Writes beside and renames: a file under its own name is whole. Returns its size. */
export function writeStateFile(path: string, { tokens, state, namespace }: SavedSequence, binding: string, createdAt: string): number {
  const tokenBytes = Buffer.from(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  const checksum = crc32(state, crc32(tokenBytes));
  const header: StateHeader = { version: 1, binding, namespace, tokens: tokens.length, bytes: state.length, checksum, createdAt };
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(fixedBytes);
  start.write(magic, "latin1");
  start.writeUInt32LE(json.length, 4);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.part`;
  try {
    const file = openSync(draft, "w", 0o600);
    try {
      for (const part of [start, json, tokenBytes, state]) writeWhole(file, part);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return fixedBytes + json.length + tokenBytes.length + state.length;
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

/** What a file says of itself, without reading its state; null when it is none of ours or not whole. */
export function readStateHeader(path: string): (StateHeader & { readonly size: number }) | null {
  return withFile(path, (file, size) => {
    const found = headerOf(file, size);
    return found === null ? null : { ...found.header, size };
  });
}

/** Its tokens only: enough to know what it is good for. */
export function readStateTokens(path: string): Int32Array | null {
  return withFile(path, (file, size) => {
    const found = headerOf(file, size);
    return found === null ? null : int32s(read(file, found.header.tokens * 4, found.start));
  });
}

/** The whole file, checked; null when it is missing, damaged or was made for something else. */
export function readStateFile(path: string, binding: string): SavedSequence | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return null;
  }
  const header = parsedHeader(bytes);
  if (header === null || header.binding !== binding) return null;
  const start = fixedBytes + bytes.readUInt32LE(4);
  const content = bytes.subarray(start);
  if (content.length !== header.tokens * 4 + header.bytes || crc32(content) !== header.checksum) return null;
  return { tokens: int32s(content.subarray(0, header.tokens * 4)), state: content.subarray(header.tokens * 4), namespace: header.namespace };
}

/** A copy: an Int32Array must begin at a multiple of four. */
const int32s = (bytes: Uint8Array): Int32Array => new Int32Array(Uint8Array.from(bytes).buffer);

function headerOf(file: number, size: number): { readonly header: StateHeader; readonly start: number } | null {
  const length = size < fixedBytes ? longestHeader + 1 : read(file, fixedBytes, 0).readUInt32LE(4);
  if (length > longestHeader || fixedBytes + length > size) return null;
  const header = parsedHeader(read(file, fixedBytes + length, 0));
  const start = fixedBytes + length;
  return header !== null && size === start + header.tokens * 4 + header.bytes ? { header, start } : null;
}

function parsedHeader(bytes: Buffer): StateHeader | null {
  if (bytes.length < fixedBytes || bytes.toString("latin1", 0, 4) !== magic) return null;
  const length = bytes.readUInt32LE(4);
  if (length > longestHeader || fixedBytes + length > bytes.length) return null;
  try {
    return StateHeader.parse(JSON.parse(bytes.toString("utf8", fixedBytes, fixedBytes + length)));
  } catch {
    return null;
  }
}

function read(file: number, length: number, position: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const count = readSync(file, bytes, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return bytes;
}

function withFile<T>(path: string, use: (file: number, size: number) => T | null): T | null {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return null;
  }
  try {
    return use(file, statSync(path).size);
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}
