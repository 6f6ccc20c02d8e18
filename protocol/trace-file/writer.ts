import { encodeBlock } from "./block.ts";
import type { ByteSink } from "./byte-source.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import type { Cell, Declarations, FileSpan, Meta, Row, Series, Track } from "./content.ts";
import { platformDeflate, type Deflate } from "./deflate.ts";
import { classOf, DensityCounter } from "./density.ts";
import { encodeSpans, type PlacedSpan } from "./span-block.ts";

const cellsAtOnce = 4_194_304;

export interface WriterOptions {
  readonly deflate?: Deflate;
  /** Rows of a block; more compress better, fewer are lost when the file is cut off. */
  readonly rows?: number;
}

/**
 * Writes a trace file as it happens. Every promise is to be awaited: it is fulfilled when the sink has taken what was due. Spans are collected and
 * written in blocks of similar length, so that a viewer of a long trace reads the long ones and no others.
 */
export class TraceWriter {
  readonly #chunks: ChunkWriter;
  readonly #rows: number;
  readonly #density = new DensityCounter();
  readonly #tables = new Map<string, number>();
  readonly #series = new Map<string, number>();
  #spans: PlacedSpan[] = [];
  #places = 0;

  constructor(sink: ByteSink, { deflate = platformDeflate, rows = 8192 }: WriterOptions = {}) {
    this.#chunks = new ChunkWriter(sink, deflate);
    this.#rows = rows;
  }

  /** A later one replaces an earlier one: write it first, and again when the request has ended. */
  async meta(meta: Meta): Promise<void> {
    await this.#chunks.json("meta", meta);
  }

  async tracks(tracks: readonly Track[]): Promise<void> {
    await this.#declare({ tracks: [...tracks] });
  }

  async spans(spans: Iterable<FileSpan>): Promise<void> {
    for (const span of spans) {
      this.#density.add(span);
      this.#spans.push({ place: this.#places, span });
      this.#places += 1;
      // Every class of length may keep a small rest, so the largest has enough for a block of its own.
      if (this.#spans.length >= this.#rows) await this.#writeSpans(this.#rows / 8);
    }
  }

  /** Rows of a table of this name, written at once. */
  async rows(name: string, rows: readonly Row[]): Promise<void> {
    const subject = await this.#numberOf(this.#tables, name, (id) => ({ tables: [{ id, name }] }));
    for (const part of inParts(rows, this.#rows)) {
      const times = part.map((row) => row["timeUs"]).filter((time) => typeof time === "number");
      const columns = columnsOf(part);
      await this.#chunks.data("table", { ...rangeOf(times), low: 0, high: 0, rows: part.length, subject, firstTrack: 0, lastTrack: 0 }, encodeBlock(part.length, columns));
    }
  }

  /** Points of a series of this name, written at once. */
  async series({ name, unit, points }: Series): Promise<void> {
    const subject = await this.#numberOf(this.#series, name, (id) => ({ series: [{ id, name, unit }] }));
    for (const part of inParts(points, this.#rows)) {
      const [times, values] = [part.map(([timeUs]) => timeUs), part.map(([, value]) => value)];
      const { fromUs: low, toUs: high } = rangeOf(values);
      const block = encodeBlock(part.length, [{ name: "timeUs", cells: times }, { name: "value", cells: values }]);
      await this.#chunks.data("series", { ...rangeOf(times), low, high, rows: part.length, subject, firstTrack: 0, lastTrack: 0 }, block);
    }
  }

  /** Writes the spans that wait for their block to be full. */
  async flush(): Promise<void> {
    const isSmall = this.#spans.length === this.#places && this.#spans.length <= this.#rows / 4;
    if (isSmall) await this.#writeBlock(this.#spans.splice(0));
    else await this.#writeSpans(1);
  }

  async end(): Promise<void> {
    await this.flush();
    await this.#chunks.end(this.#density.encode());
  }

  async #writeSpans(least: number): Promise<void> {
    const rest: PlacedSpan[] = [];
    for (const spans of Map.groupBy(this.#spans, ({ span }) => classOf(span.durationUs)).values()) {
      if (spans.length >= least) await this.#writeBlock(spans);
      else rest.push(...spans);
    }
    this.#spans = rest;
  }

  async #writeBlock(spans: readonly PlacedSpan[]): Promise<void> {
    if (spans.length === 0) return;
    const keys = new Set(spans.flatMap(({ span }) => Object.keys(span.attributes)));
    // Every attribute is a column with a bit for each row: spans that have hardly one in common are better off in blocks of their own.
    if (spans.length > 1 && keys.size * spans.length > cellsAtOnce) {
      const half = Math.ceil(spans.length / 2);
      await this.#writeBlock(spans.slice(0, half));
      return await this.#writeBlock(spans.slice(half));
    }
    const durations = rangeOf(spans.map(({ span }) => span.durationUs));
    const tracks = rangeOf(spans.map(({ span }) => span.track));
    await this.#chunks.data("spans", {
      rows: spans.length, subject: 0, low: durations.fromUs, high: durations.toUs, firstTrack: tracks.fromUs, lastTrack: tracks.toUs,
      fromUs: rangeOf(spans.map(({ span }) => span.startUs)).fromUs, toUs: rangeOf(spans.map(({ span }) => span.startUs + span.durationUs)).toUs,
    }, encodeSpans(spans));
  }

  async #numberOf(known: Map<string, number>, name: string, declare: (id: number) => Partial<Declarations>): Promise<number> {
    const number = known.get(name);
    if (number !== undefined) return number;
    known.set(name, known.size);
    await this.#declare(declare(known.size - 1));
    return known.size - 1;
  }

  async #declare(declarations: Partial<Declarations>): Promise<void> {
    await this.#chunks.json("declarations", { tracks: [], tables: [], series: [], ...declarations });
  }
}

function* inParts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

function columnsOf(rows: readonly Row[]): { name: string; cells: (Cell | null | undefined)[] }[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return [...names].map((name) => ({ name, cells: rows.map((row) => (Object.hasOwn(row, name) ? row[name] : null)) }));
}

function rangeOf(values: readonly number[]): { fromUs: number; toUs: number } {
  let [fromUs, toUs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < fromUs) fromUs = value;
    if (value > toUs) toUs = value;
  }
  return fromUs > toUs ? { fromUs: 0, toUs: 0 } : { fromUs, toUs };
}
