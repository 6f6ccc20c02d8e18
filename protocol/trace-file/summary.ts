import { ByteReader, ByteWriter } from "./bytes.ts";

/** What a data chunk holds, readable without its content. The index at the file's end is all of these. */
export interface Summary {
  readonly rows: number;
  /** Earliest start and latest end, in microseconds since the file's start; both 0 for tables without times. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Spans: the shortest and the longest duration. Series: the least and the greatest value. */
  readonly low: number;
  readonly high: number;
  /** Tables and series: which one. */
  readonly subject: number;
  /** Spans: the lowest and the highest track number. */
  readonly firstTrack: number;
  readonly lastTrack: number;
}

export function encodeSummary(summary: Summary): Uint8Array {
  const writer = new ByteWriter();
  writer.f64(summary.fromUs);
  writer.f64(summary.toUs);
  writer.f64(summary.low);
  writer.f64(summary.high);
  writer.u32(summary.rows);
  writer.u32(summary.subject);
  writer.u32(summary.firstTrack);
  writer.u32(summary.lastTrack);
  return writer.take();
}

export function decodeSummary(bytes: Uint8Array, place: number): Summary {
  const reader = new ByteReader(bytes, place);
  const [fromUs, toUs, low, high] = [reader.f64(), reader.f64(), reader.f64(), reader.f64()];
  return { fromUs, toUs, low, high, rows: reader.u32(), subject: reader.u32(), firstTrack: reader.u32(), lastTrack: reader.u32() };
}
