import { ByteSource, EndOfFile, HeaderTooLarge, type ByteSourceOptions } from "./byte-source.ts";
import { tensorBytes } from "./tensor-types.ts";

/** Far above any real model, far below what would keep the server busy. */
const most = { metadata: 100_000, tensors: 1_000_000, keyBytes: 65_535, nameBytes: 1024, dimensions: 4, listDepth: 4 };

/** Bytes of a metadata value, by type number; text (8) and list (9) have no fixed length. */
const scalarBytes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const [u32Type, textType, listType] = [4, 8, 9];
const supportedVersions = [2, 3];

/** The file contradicts itself or the format; the message completes "it is not a valid GGUF file: …". */
class Invalid extends Error {}

/**
 * Why this file is not a whole GGUF, or null when it is. Reads the header only, block by block;
 * layout as in the GGUF specification of the ggml project, versions 2 and 3.
 */
export async function checkGguf(options: ByteSourceOptions): Promise<string | null> {
  if (options.size === 0) return "it is empty";
  const source = new ByteSource(options);
  let part = "before the header is complete";
  try {
    const counts = await readFixedHeader(source);
    part = "inside its metadata";
    const alignment = await readMetadata(source, counts.metadata);
    part = "inside its list of tensors";
    await readTensors(source, counts.tensors, alignment, options.size);
    return null;
  } catch (error) {
    if (error instanceof Invalid) return error.message;
    if (error instanceof EndOfFile) return `it is truncated: it ends ${part}, at byte ${error.at}`;
    if (error instanceof HeaderTooLarge) return "its header is larger than 256 MiB";
    throw error;
  }
}

async function readFixedHeader(source: ByteSource): Promise<{ metadata: number; tensors: number }> {
  const magic = await source.text(Math.min(4, source.remaining));
  if (magic !== "GGUF") throw new Invalid(`it begins with ${describeMagic(magic)}, not with "GGUF"`);
  const version = await source.u32();
  if (version !== 0 && version % 0x1_0000 === 0) throw new Invalid("it is a big-endian file, which is not supported");
  if (!supportedVersions.includes(version)) throw new Invalid(`its format version is ${version}; versions 2 and 3 are supported`);
  const tensors = await source.u64();
  const metadata = await source.u64();
  if (metadata > most.metadata) throw new Invalid(`it claims to have ${metadata} metadata entries`);
  if (tensors > most.tensors) throw new Invalid(`it claims to have ${tensors} tensors`);
  if (tensors === 0) throw new Invalid("it holds no tensors");
  return { metadata, tensors };
}

/** Returns the alignment of the tensors' data. */
async function readMetadata(source: ByteSource, count: number): Promise<number> {
  let alignment = 32;
  for (let index = 0; index < count; index += 1) {
    const key = await readText(source, most.keyBytes, `the key of metadata entry ${index + 1}`);
    const type = await source.u32();
    if (key === "general.alignment" && type === u32Type) {
      alignment = await source.u32();
      if (alignment === 0 || alignment % 8 !== 0) throw new Invalid(`its alignment is ${alignment}, not a multiple of 8`);
    } else {
      await skipValue(source, type, key, 0);
    }
  }
  return alignment;
}

async function skipValue(source: ByteSource, type: number, key: string, depth: number): Promise<void> {
  const bytes = scalarBytes[type];
  if (bytes !== undefined) source.skip(bytes);
  else if (type === textType) source.skip(await source.u64());
  else if (type === listType && depth < most.listDepth) await skipList(source, key, depth);
  else throw new Invalid(`its metadata "${printable(key)}" has the unknown type ${type}`);
}

async function skipList(source: ByteSource, key: string, depth: number): Promise<void> {
  const type = await source.u32();
  const count = await source.u64();
  const bytes = scalarBytes[type];
  if (bytes !== undefined) source.skip(count * bytes);
  else for (let index = 0; index < count; index += 1) await skipValue(source, type, key, depth + 1);
}

async function readTensors(source: ByteSource, count: number, alignment: number, size: number): Promise<void> {
  const ends: { name: string; offset: number; bytes: number }[] = [];
  for (let index = 0; index < count; index += 1) {
    const name = await readText(source, most.nameBytes, `the name of tensor ${index + 1}`);
    const dimensions = await source.u32();
    if (dimensions > most.dimensions) throw new Invalid(`its tensor "${printable(name)}" has ${dimensions} dimensions`);
    let elements = 1;
    for (let dimension = 0; dimension < dimensions; dimension += 1) elements *= await source.u64();
    const type = await source.u32();
    const offset = await source.u64();
    if (offset % alignment !== 0) throw new Invalid(`its tensor "${printable(name)}" begins at an offset that is not a multiple of ${alignment}`);
    ends.push({ name, offset, bytes: tensorBytes(type, elements) ?? 0 });
  }
  const dataStart = Math.ceil(source.position / alignment) * alignment;
  for (const { name, offset, bytes } of ends) {
    const end = dataStart + offset + bytes;
    if (end > size) throw new Invalid(`it is truncated: its tensor "${printable(name)}" ends at byte ${end}, but the file has ${size} bytes`);
  }
}

async function readText(source: ByteSource, longest: number, what: string): Promise<string> {
  const length = await source.u64();
  if (length > longest) throw new Invalid(`${what} claims to be ${length} bytes long`);
  return await source.text(length);
}

function describeMagic(magic: string): string {
  if (/^[\x20-\x7e]+$/.test(magic)) return `"${magic}"`;
  return `the bytes ${Array.from(magic, (char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join(" ")}`;
}

/** Names come from an untrusted file: control characters and great lengths stay out of messages. */
function printable(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 80);
}
