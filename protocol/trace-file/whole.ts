import { InfernoError } from "../errors.ts";
import { memorySink, type ByteSink, type ByteSource } from "./byte-source.ts";
import type { FileSpan, Row, Series, Table, TraceContent } from "./content.ts";
import type { Deflate } from "./deflate.ts";
import type { Repair } from "./faults.ts";
import { TraceReader } from "./reader.ts";
import { repairSpans } from "./repair-spans.ts";
import { TraceWriter, type WriterOptions } from "./writer.ts";

/** Everything of a file in memory, for conversions and the command line; a viewer reads in part. */
export interface WholeTrace extends TraceContent {
  readonly repairs: readonly Repair[];
}

export interface WholeOptions {
  readonly deflate?: Deflate;
  /** Spans, rows and points that are held at once. */
  readonly most?: number;
}

export async function writeWhole(content: TraceContent, sink: ByteSink, options: WriterOptions = {}): Promise<void> {
  const writer = new TraceWriter(sink, options);
  await writer.meta(content.meta);
  await writer.tracks(content.tracks);
  await writer.spans(content.spans);
  for (const { name, rows } of content.tables) await writer.rows(name, rows);
  for (const series of content.series) await writer.series(series);
  await writer.end();
}

export async function encodeWhole(content: TraceContent, options: WriterOptions = {}): Promise<Uint8Array> {
  const sink = memorySink();
  await writeWhole(content, sink, options);
  return sink.bytes();
}

/** Throws `trace_file_invalid`, `trace_file_newer` or `trace_file_too_large`. */
export async function readWhole(source: ByteSource, { deflate, most = 2_000_000 }: WholeOptions = {}): Promise<WholeTrace> {
  const reader = await TraceReader.open(source, deflate);
  let count = 0;
  const take = (rows: number): void => {
    count += rows;
    if (count <= most) return;
    throw new InfernoError("trace_file_too_large", `The trace has more than ${most} spans and rows, too many to hold at once.`);
  };
  const placed: { place: number; span: FileSpan }[] = [];
  for await (const block of reader.spans()) {
    take(block.rows);
    for (let row = 0; row < block.rows; row += 1) placed.push({ place: block.places[row]!, span: block.spanAt(row) });
  }
  // Blocks hold spans of similar length; their places tell the order in which they were written.
  const { spans, changes } = repairSpans(placed.sort((a, b) => a.place - b.place).map(({ span }) => span), reader.tracks);
  for (const what of changes) reader.note({ offset: null, what });
  const tables: Table[] = [];
  for (const name of reader.tables) {
    const rows: Row[] = [];
    for await (const part of reader.rows(name)) {
      take(part.length);
      for (const row of part) rows.push(row);
    }
    tables.push({ name, rows });
  }
  const series: Series[] = [];
  for (const { name, unit } of reader.series) {
    const points: [number, number][] = [];
    for await (const { timesUs, values } of reader.points(name)) {
      take(timesUs.length);
      timesUs.forEach((timeUs, index) => void points.push([timeUs, values[index] ?? Number.NaN]));
    }
    series.push({ name, unit, points });
  }
  return { meta: reader.meta, tracks: reader.tracks, spans, tables, series, repairs: reader.repairs };
}
