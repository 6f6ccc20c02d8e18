import type { ByteSink } from "./byte-source.ts";
import { ByteWriter } from "./bytes.ts";
import { contentLimit, encodeChunk, chunkKinds, fileHeader, headerLength, summaryLength, type ChunkKind } from "./chunk.ts";
import { encodeIndex, type ChunkEntry } from "./chunk-index.ts";
import type { Deflate } from "./deflate.ts";
import { InfernoError } from "../errors.ts";
import { encodeSummary, type Summary } from "./summary.ts";

const nothing: Summary = { rows: 0, fromUs: 0, toUs: 0, low: 0, high: 0, subject: 0, firstTrack: 0, lastTrack: 0 };

/** Writes chunks one after the other and remembers where they lie. */
export class ChunkWriter {
  readonly #sink: ByteSink;
  readonly #deflate: Deflate;
  readonly #entries: ChunkEntry[] = [];
  #offset = 0;

  constructor(sink: ByteSink, deflate: Deflate) {
    this.#sink = sink;
    this.#deflate = deflate;
  }

  async json(kind: "meta" | "declarations", value: unknown): Promise<void> {
    await this.#chunk(kind, nothing, new TextEncoder().encode(JSON.stringify(value)));
  }

  async data(kind: "spans" | "table" | "series", summary: Summary, block: Uint8Array): Promise<void> {
    await this.#chunk(kind, summary, block);
  }

  /** The index, the densities, and last where both lie, in bytes of fixed size. */
  async end(density: Uint8Array | null): Promise<void> {
    const entries = encodeIndex(this.#entries);
    const indexAt = this.#offset;
    await this.#chunk("index", nothing, entries);
    const densityAt = density === null ? 0 : this.#offset;
    if (density !== null) await this.#chunk("density", nothing, density);
    const where = new ByteWriter();
    where.f64(indexAt);
    where.f64(densityAt);
    await this.#write(encodeChunk("end", new Uint8Array(), where.take(), where.length, false));
  }

  async #chunk(kind: ChunkKind, summary: Summary, content: Uint8Array): Promise<void> {
    if (content.length > contentLimit) {
      throw new InfernoError("trace_file_too_large", `A part of the trace has ${content.length} bytes, and ${contentLimit} is the most that one may have.`);
    }
    if (this.#offset === 0) await this.#write(fileHeader());
    const head = isData(kind) ? encodeSummary(summary) : new Uint8Array();
    const deflated = await this.#deflate.deflate(content);
    const isDeflated = deflated.length < content.length;
    const body = isDeflated ? deflated : content;
    this.#entries.push({ ...summary, kind: chunkKinds[kind], offset: Math.max(headerLength, this.#offset), length: head.length + body.length });
    await this.#write(encodeChunk(kind, head, body, content.length, isDeflated));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes);
    this.#offset += bytes.length;
  }
}

export const isData = (kind: ChunkKind): boolean => kind === "spans" || kind === "table" || kind === "series";
/** What is before the compressed part. */
export const headOf = (kind: ChunkKind): number => (isData(kind) ? summaryLength : 0);
