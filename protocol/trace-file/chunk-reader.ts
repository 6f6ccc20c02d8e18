import type { ByteSource } from "./byte-source.ts";
import { ByteReader } from "./bytes.ts";
import { chunkCrc, chunkHeaderLength, chunkKinds, contentLimit, decodeChunkHeader, headerLength, kindName, magic, summaryLength, version } from "./chunk.ts";
import { decodeIndex, type ChunkEntry } from "./chunk-index.ts";
import { headOf, isData } from "./chunk-writer.ts";
import { rowLimit } from "./column-types.ts";
import type { Deflate } from "./deflate.ts";
import { invalidFile, notTraceFile, type Repair } from "./faults.ts";
import { InfernoError } from "../errors.ts";
import { decodeSummary, type Summary } from "./summary.ts";

/** Where the chunks lie, and what was wrong on the way to knowing it. */
export interface Layout {
  readonly version: { readonly major: number; readonly minor: number };
  readonly entries: readonly ChunkEntry[];
  /** 0: there is none. */
  readonly densityAt: number;
  readonly repairs: readonly Repair[];
}

const nothing: Summary = { rows: 0, fromUs: 0, toUs: 0, low: 0, high: 0, subject: 0, firstTrack: 0, lastTrack: 0 };
/** Deflate makes at most 1032 bytes of one. */
const greatestRatio = 1032;

export async function readLayout(source: ByteSource, deflate: Deflate): Promise<Layout> {
  const found = await readHeader(source);
  try {
    const end = await readEnd(source);
    if (end === null) {
      const scanned = await scan(source);
      return { version: found, entries: scanned.entries, densityAt: 0, repairs: [...scanned.repairs, { offset: null, what: "The file has no end: it was cut off, or is still being written." }] };
    }
    const content = await readContent(source, deflate, end.indexAt, "index");
    return { version: found, entries: decodeIndex(content, end.indexAt, end.indexAt), densityAt: end.densityAt, repairs: [] };
  } catch (error) {
    if (!(error instanceof InfernoError) || error.code !== "trace_file_invalid") throw error;
    const scanned = await scan(source);
    return { version: found, entries: scanned.entries, densityAt: 0, repairs: [{ offset: null, what: `The index was made anew. ${error.message}` }, ...scanned.repairs] };
  }
}

async function readHeader(source: ByteSource): Promise<{ major: number; minor: number }> {
  const bytes = await source.read(0, headerLength);
  if (bytes.length < headerLength) throw notTraceFile(`it has ${bytes.length} bytes, fewer than the header`);
  if (magic.some((byte, index) => bytes[index] !== byte)) {
    const isMangled = bytes[1] === magic[1] && bytes[2] === magic[2] && bytes[3] === magic[3] && bytes[4] === magic[4];
    throw notTraceFile(isMangled ? "its first bytes were changed, as a transfer as text does" : "it begins with other bytes");
  }
  const reader = new ByteReader(bytes.subarray(magic.length), 0);
  const [major, minor] = [reader.u16(), reader.u16()];
  if (major > version.major) throw new InfernoError("trace_file_newer", `The trace file is of version ${major}.${minor}, and this Inferno reads up to version ${version.major}.`);
  if (major < 1) throw notTraceFile(`there is no version ${major}.${minor}`);
  return { major, minor };
}

const endLength = chunkHeaderLength + 16;

/** Null when the file does not end in such a chunk. */
async function readEnd(source: ByteSource): Promise<{ indexAt: number; densityAt: number } | null> {
  const offset = source.size - endLength;
  if (offset < headerLength) return null;
  const bytes = await source.read(offset, endLength);
  if (bytes.length < endLength) return null;
  const header = decodeChunkHeader(bytes, offset);
  const content = bytes.subarray(chunkHeaderLength);
  if (header.kind !== chunkKinds.end || header.length !== content.length || header.crc !== chunkCrc(bytes, content)) return null;
  const reader = new ByteReader(content, offset);
  const [indexAt, densityAt] = [reader.f64(), reader.f64()];
  const isPlace = (at: number): boolean => Number.isInteger(at) && at >= headerLength && at + chunkHeaderLength <= offset;
  if (!isPlace(indexAt) || (densityAt !== 0 && !isPlace(densityAt))) throw invalidFile(offset, "it names places outside the file");
  return { indexAt, densityAt };
}

/** Goes from chunk to chunk by their headers and summaries. What follows the first that cannot be one is lost. */
async function scan(source: ByteSource): Promise<{ entries: ChunkEntry[]; repairs: Repair[] }> {
  const entries: ChunkEntry[] = [];
  const lost = (offset: number, what: string) => ({ entries, repairs: [{ offset, what }] });
  let offset = headerLength;
  while (offset < source.size) {
    const bytes = await source.read(offset, chunkHeaderLength + summaryLength);
    if (bytes.length < chunkHeaderLength) return lost(offset, "The file ends within a chunk's header.");
    const header = decodeChunkHeader(bytes, offset);
    if (header.length > contentLimit) return lost(offset, `A chunk claims ${header.length} bytes; it and what follows is not read.`);
    const next = offset + chunkHeaderLength + header.length;
    if (next > source.size) return lost(offset, "The file ends within a chunk, which is not read.");
    const kind = kindName(header.kind);
    if (entries.length >= rowLimit) return lost(offset, `The file has more than ${rowLimit} chunks; the rest is not read.`);
    const head = kind === null ? 0 : headOf(kind);
    if (header.length >= head) {
      const summary = head === 0 ? nothing : decodeSummary(bytes.subarray(chunkHeaderLength), offset);
      entries.push({ ...summary, kind: header.kind, offset, length: header.length });
    }
    offset = next;
  }
  return { entries, repairs: [] };
}

/** A chunk's content, checked and inflated. */
export async function readContent(source: ByteSource, deflate: Deflate, offset: number, kind: "meta" | "declarations" | "spans" | "table" | "series" | "index" | "density"): Promise<Uint8Array> {
  const first = await source.read(offset, chunkHeaderLength);
  if (first.length < chunkHeaderLength) throw invalidFile(offset, "the file ends within its header");
  const header = decodeChunkHeader(first, offset);
  if (header.kind !== chunkKinds[kind]) throw invalidFile(offset, `it should be of kind ${chunkKinds[kind]}, and is of kind ${header.kind}`);
  if (header.length > contentLimit || header.size > contentLimit) throw invalidFile(offset, `it claims ${Math.max(header.length, header.size)} bytes, more than the ${contentLimit} that a chunk may have`);
  if (offset + chunkHeaderLength + header.length > source.size) throw invalidFile(offset, `it claims ${header.length} bytes, and the file ends before that`);
  const content = await source.read(offset + chunkHeaderLength, header.length);
  if (content.length < header.length) throw invalidFile(offset, `it has ${content.length} bytes of the ${header.length} that it claims`);
  if (chunkCrc(first, content) !== header.crc) throw invalidFile(offset, "its checksum is another one");
  const head = isData(kind) ? summaryLength : 0;
  if (content.length < head) throw invalidFile(offset, "it is shorter than its summary");
  const body = content.subarray(head);
  if (!header.isDeflated) return body;
  if (header.size > body.length * greatestRatio) throw invalidFile(offset, `it claims ${header.size} bytes out of ${body.length}, which no compression makes`);
  try {
    return await deflate.inflate(body, header.size);
  } catch (cause) {
    throw invalidFile(offset, `it cannot be inflated: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}
