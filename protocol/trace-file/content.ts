import { z } from "zod";
import { Trace, type Span } from "../trace.ts";

/** What a trace file holds. Names and texts in it are data: whoever shows them escapes them. */

/** A request's trace without its spans, which are columns. */
export const Request = Trace.omit({ spans: true, application: true });
export type Request = z.infer<typeof Request>;

export const Meta = z.object({
  title: z.string(),
  /** Which program wrote it. */
  producer: z.string(),
  /** The format that it was in: `inferno`, or the one that it was imported from. */
  source: z.string(),
  /** ISO 8601; what the times count from, or null when the source does not say. */
  startedAt: z.string().nullable(),
  redacted: z.boolean(),
  requests: z.array(Request),
  /** What an import or a repair left out or changed. */
  notes: z.array(z.string()),
});
export type Meta = z.infer<typeof Meta>;

export const Track = z.object({
  id: z.int().min(0).max(0xffff_ffff),
  name: z.string(),
  /** `request`, `sequence`, `layer`, `thread`, …: open, for a viewer to group by. */
  kind: z.string(),
  /** The place in `requests` of the one that it belongs to. */
  request: z.int().min(0).nullable(),
});
export type Track = z.infer<typeof Track>;

export const Named = z.object({ id: z.int().min(0).max(0xffff_ffff), name: z.string(), unit: z.string().optional() });
/** Each such chunk adds to those before. */
export const Declarations = z.object({ tracks: z.array(Track), tables: z.array(Named), series: z.array(Named) });
export type Declarations = z.infer<typeof Declarations>;

/** Ids are unique among the spans of one request's tracks. */
export interface FileSpan extends Span {
  readonly track: number;
}

/** One fact. Absent and null are the same; a column may mix kinds. */
export type Cell = number | string | boolean | Uint8Array | readonly number[] | readonly string[];
export type Row = Readonly<Record<string, Cell | null>>;

export interface Table {
  readonly name: string;
  readonly rows: readonly Row[];
}

export interface Series {
  readonly name: string;
  /** Such as `bytes`, `cells`, `us`. */
  readonly unit: string;
  readonly points: readonly (readonly [timeUs: number, value: number])[];
}

/** A whole file in memory. */
export interface TraceContent {
  readonly meta: Meta;
  readonly tracks: readonly Track[];
  readonly spans: readonly FileSpan[];
  readonly tables: readonly Table[];
  readonly series: readonly Series[];
}
