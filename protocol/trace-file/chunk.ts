import { ByteReader, ByteWriter } from "./bytes.ts";
import { crc32 } from "./crc32.ts";

/** The kinds of chunks. A reader passes over kinds that it does not know. */
export const chunkKinds = { meta: 1, declarations: 2, spans: 3, table: 4, series: 5, index: 6, density: 7, end: 8 } as const;
export type ChunkKind = keyof typeof chunkKinds;

export const magic = Uint8Array.of(0x89, 0x49, 0x4e, 0x46, 0x54, 0x0d, 0x0a, 0x1a);
/** A reader refuses a newer major version, and reads a newer minor one. */
export const version = { major: 1, minor: 0 } as const;
export const headerLength = 16;
export const chunkHeaderLength = 16;
/** A data chunk's content begins with this many bytes that are never compressed. */
export const summaryLength = 48;
/** The largest content, compressed or not. A writer's blocks are some ten thousand bytes; a prompt of some million tokens fits. */
export const contentLimit = 64 * 1024 * 1024;

export interface ChunkHeader {
  readonly kind: number;
  /** The part after the summary is raw deflate. */
  readonly isDeflated: boolean;
  /** Bytes that follow the header. */
  readonly length: number;
  /** Bytes of the part after the summary once inflated. */
  readonly size: number;
  readonly crc: number;
}

export function fileHeader(): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(magic);
  writer.u16(version.major);
  writer.u16(version.minor);
  writer.u32(0);
  return writer.take();
}

/** `summary` stays as it is, `body` is as stored. */
export function encodeChunk(kind: ChunkKind, summary: Uint8Array, body: Uint8Array, size: number, isDeflated: boolean): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(chunkKinds[kind]);
  writer.u8(isDeflated ? 1 : 0);
  writer.u16(0);
  writer.u32(summary.length + body.length);
  writer.u32(size);
  const head = writer.take();
  writer.u32(crc32(body, crc32(summary, crc32(head.slice()))));
  writer.bytes(summary);
  writer.bytes(body);
  return writer.take();
}

export function decodeChunkHeader(bytes: Uint8Array, offset: number): ChunkHeader {
  const reader = new ByteReader(bytes, offset);
  const kind = reader.u8();
  const flags = reader.u8();
  reader.u16();
  return { kind, isDeflated: (flags & 1) === 1, length: reader.u32(), size: reader.u32(), crc: reader.u32() };
}

/** Of a chunk's header without the sum itself, and of what follows. */
export function chunkCrc(header: Uint8Array, content: Uint8Array): number {
  return crc32(content, crc32(header.subarray(0, 12)));
}

export const kindName = (kind: number): ChunkKind | null => {
  const found = Object.entries(chunkKinds).find(([, value]) => value === kind);
  return found === undefined ? null : found[0] as ChunkKind;
};
