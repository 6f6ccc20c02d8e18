import { decodeBlock } from "./block.ts";
import type { ByteSource } from "./byte-source.ts";
import { chunkKinds } from "./chunk.ts";
import type { ChunkEntry } from "./chunk-index.ts";
import { readContent, readLayout, type Layout } from "./chunk-reader.ts";
import { cellAt } from "./column-read.ts";
import { Declarations, Meta, type Row, type Track } from "./content.ts";
import { decodeDensity, type Density } from "./density.ts";
import { platformDeflate, type Deflate } from "./deflate.ts";
import { invalidFile, type Repair } from "./faults.ts";
import { InfernoError } from "../errors.ts";
import { SpanBlock } from "./span-block.ts";

/** What a viewer shows now. Blocks that overlap it are read whole, so they hold more than was asked for. */
export interface Window {
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  /** Blocks of shorter spans only are not read: the densities say what is missing. */
  readonly atLeastUs?: number | undefined;
  readonly track?: number | undefined;
}

export interface SeriesPart {
  readonly name: string;
  readonly unit: string;
  readonly timesUs: Float64Array;
  readonly values: Float64Array;
}

export const noMeta: Meta = { title: "", producer: "", source: "inferno", startedAt: null, redacted: false, requests: [], notes: [] };

/** JSON of all such chunks together: a viewer holds it all. */
const jsonLimit = 256 * 1024 * 1024;
const repairLimit = 1000;

/** Reads a trace file in part. Damaged chunks are left out and noted in `repairs`; what is not a trace file at all throws. */
export class TraceReader {
  readonly version: Layout["version"];
  /** All chunks, in the order of the file. */
  readonly entries: readonly ChunkEntry[];
  readonly #source: ByteSource;
  readonly #deflate: Deflate;
  readonly #densityAt: number;
  readonly #repairs = new Map<string, Repair>();
  readonly #tracks = new Map<number, Track>();
  readonly #tables = new Map<number, string>();
  readonly #series = new Map<number, { readonly name: string; readonly unit: string }>();
  #meta: Meta = noMeta;

  private constructor(source: ByteSource, deflate: Deflate, layout: Layout) {
    this.#source = source;
    this.#deflate = deflate;
    this.version = layout.version;
    this.entries = layout.entries;
    this.#densityAt = layout.densityAt;
    layout.repairs.forEach((repair) => this.note(repair));
  }

  /** Reads the index and what is small. Throws `trace_file_invalid`, `trace_file_newer` or `trace_file_too_large`. */
  static async open(source: ByteSource, deflate: Deflate = platformDeflate): Promise<TraceReader> {
    const reader = new TraceReader(source, deflate, await readLayout(source, deflate));
    await reader.#readJson();
    return reader;
  }

  get meta(): Meta {
    return this.#meta;
  }

  get tracks(): readonly Track[] {
    return [...this.#tracks.values()];
  }

  get tables(): readonly string[] {
    return [...this.#tables.values()];
  }

  get series(): readonly { readonly name: string; readonly unit: string }[] {
    return [...this.#series.values()];
  }

  /** What was put right or left out so far; reading on may find more. */
  get repairs(): readonly Repair[] {
    return [...this.#repairs.values()];
  }

  get spanCount(): number {
    return this.#entries("spans").reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Empty when the file has none. */
  async density(): Promise<readonly Density[]> {
    const at = this.#densityAt;
    if (at === 0) return [];
    return await this.#tolerant(at, async () => decodeDensity(await readContent(this.#source, this.#deflate, at, "density"), at)) ?? [];
  }

  /** Where spans lie that the window may show. */
  spanEntries(window: Window = {}): readonly ChunkEntry[] {
    return this.#entries("spans").filter((entry) => overlaps(entry, window));
  }

  /** Null, and a note, when the chunk is damaged. */
  async spanBlock(entry: ChunkEntry): Promise<SpanBlock | null> {
    return await this.#tolerant(entry.offset, async () => {
      const block = new SpanBlock(await readContent(this.#source, this.#deflate, entry.offset, "spans"), entry.offset);
      if (block.repairedTimes > 0) this.note({ offset: entry.offset, what: `${block.repairedTimes} spans had times that are no numbers, negative or too large; these were put right.` });
      return block;
    });
  }

  async *spans(window: Window = {}): AsyncGenerator<SpanBlock> {
    for (const entry of this.spanEntries(window)) {
      const block = await this.spanBlock(entry);
      if (block !== null) yield block;
    }
  }

  /** A table's rows, block by block. */
  async *rows(table: string, window: Window = {}): AsyncGenerator<Row[]> {
    for (const entry of this.#entries("table")) {
      if (this.#tables.get(entry.subject) !== table || !overlaps({ ...entry, high: Number.POSITIVE_INFINITY }, { ...window, track: undefined })) continue;
      const rows = await this.#tolerant(entry.offset, async () => rowsOf(await readContent(this.#source, this.#deflate, entry.offset, "table"), entry.offset));
      if (rows !== null) yield rows;
    }
  }

  async *points(series: string, window: Window = {}): AsyncGenerator<SeriesPart> {
    for (const entry of this.#entries("series")) {
      const declared = this.#series.get(entry.subject);
      if (declared?.name !== series || !overlaps({ ...entry, high: Number.POSITIVE_INFINITY }, { ...window, track: undefined })) continue;
      const part = await this.#tolerant(entry.offset, async () => ({ ...declared, ...pointsOf(await readContent(this.#source, this.#deflate, entry.offset, "series"), entry.offset) }));
      if (part !== null) yield part;
    }
  }

  note(repair: Repair): void {
    if (this.#repairs.size < repairLimit) this.#repairs.set(`${repair.offset ?? ""} ${repair.what}`, repair);
  }

  #entries(kind: keyof typeof chunkKinds): readonly ChunkEntry[] {
    return this.entries.filter((entry) => entry.kind === chunkKinds[kind]);
  }

  async #readJson(): Promise<void> {
    let total = 0;
    for (const kind of ["meta", "declarations"] as const) {
      for (const { offset } of this.#entries(kind)) {
        const content = await this.#tolerant(offset, async () => await readContent(this.#source, this.#deflate, offset, kind));
        if (content === null) continue;
        total += content.length;
        if (total > jsonLimit) throw new InfernoError("trace_file_too_large", `The trace file describes more tracks and requests than ${jsonLimit} bytes hold.`);
        await this.#tolerant(offset, async () => (kind === "meta" ? this.#takeMeta(content, offset) : this.#declare(content, offset)));
      }
    }
  }

  #takeMeta(content: Uint8Array, offset: number): void {
    const value = jsonOf(content, offset);
    const parsed = Meta.safeParse(value);
    if (!parsed.success) throw invalidFile(offset, `${parsed.error.issues[0]?.path.join(".") ?? ""}: ${parsed.error.issues[0]?.message ?? "not valid"}`);
    // As it was written: the schema would drop what a newer Inferno has added.
    this.#meta = value as Meta;
  }

  #declare(content: Uint8Array, offset: number): void {
    const parsed = Declarations.safeParse(jsonOf(content, offset));
    if (!parsed.success) throw invalidFile(offset, `${parsed.error.issues[0]?.path.join(".") ?? ""}: ${parsed.error.issues[0]?.message ?? "not valid"}`);
    for (const track of parsed.data.tracks) this.#tracks.set(track.id, track);
    for (const { id, name } of parsed.data.tables) this.#tables.set(id, name);
    for (const { id, name, unit } of parsed.data.series) this.#series.set(id, { name, unit: unit ?? "" });
  }

  /** Damage to one chunk costs that chunk. */
  async #tolerant<T>(offset: number, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof InfernoError) || error.code !== "trace_file_invalid") throw error;
      this.note({ offset, what: `${error.message} It was left out.` });
      return null;
    }
  }
}

/** Written so that a summary with NaN hides nothing. */
function overlaps(entry: ChunkEntry, { fromUs, toUs, atLeastUs, track }: Window): boolean {
  if (fromUs !== undefined && entry.toUs < fromUs) return false;
  if (toUs !== undefined && entry.fromUs > toUs) return false;
  if (atLeastUs !== undefined && entry.high < atLeastUs) return false;
  return track === undefined || !(entry.lastTrack < track || entry.firstTrack > track);
}

function jsonOf(content: Uint8Array, offset: number): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch (cause) {
    throw invalidFile(offset, "its content is not JSON", cause);
  }
}

function rowsOf(content: Uint8Array, offset: number): Row[] {
  const { rows, columns } = decodeBlock(content, offset);
  const made = Array.from({ length: rows }, (): [string, Row[string]][] => []);
  for (const column of columns) {
    if (column.rows === null) for (let row = 0; row < rows; row += 1) made[row]!.push([column.name, cellAt(column, row)]);
    else column.rows.forEach((row, at) => void made[row]!.push([column.name, cellAt(column, at)]));
  }
  return made.map((entries) => Object.fromEntries(entries));
}

function pointsOf(content: Uint8Array, offset: number): { timesUs: Float64Array; values: Float64Array } {
  const { columns } = decodeBlock(content, offset);
  const values = (name: string): Float64Array => {
    const found = columns.find((column) => column.name === name);
    if (found?.type === "number" && found.rows === null) return found.values;
    throw invalidFile(offset, `the series has no column "${name}"`);
  };
  return { timesUs: values("timeUs"), values: values("value") };
}
