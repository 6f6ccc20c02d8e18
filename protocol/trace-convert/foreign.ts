import type { z } from "zod";
import { InfernoError } from "../errors.ts";
import type { FileSpan, Meta, Track, TraceContent } from "../trace-file/content.ts";

/** Throws `trace_file_invalid` that names the first thing that is wrong. */
export function checked<S extends z.ZodType>(schema: S, value: unknown, format: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw wrong(format, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not valid"}`);
}

export function wrong(format: string, what: string): InfernoError {
  return new InfernoError("trace_file_invalid", `This is not a valid ${format}: ${what}.`, { hint: "Correct the part that the message names, or export it again where it was made." });
}

export interface Imported {
  readonly source: string;
  readonly title: string;
  readonly startedAt?: string | null;
  readonly tracks: readonly Track[];
  readonly spans: readonly FileSpan[];
  readonly series?: TraceContent["series"];
  readonly notes: readonly string[];
}

/** An import's content; times are moved so that the first span begins at 0. */
export function importedContent({ source, title, startedAt = null, tracks, spans, series = [], notes }: Imported): TraceContent {
  let first = Number.POSITIVE_INFINITY;
  for (const { startUs } of spans) first = Math.min(first, startUs);
  for (const { points } of series) for (const [timeUs] of points) first = Math.min(first, timeUs);
  const shift = Number.isFinite(first) ? first : 0;
  const meta: Meta = { title, producer: "inferno", source, startedAt, redacted: false, requests: [], notes: [...notes] };
  return {
    meta, tracks: [...tracks], tables: [],
    spans: spans.map((span) => ({ ...span, startUs: span.startUs - shift })),
    series: series.map(({ name, unit, points }) => ({ name, unit, points: points.map(([timeUs, value]) => [timeUs - shift, value] as const) })),
  };
}

/** Spans that nest, from frames that open and close, in one track. */
export class StackBuilder {
  readonly spans: FileSpan[];
  readonly #track: number;
  readonly #open: { readonly place: number; readonly key: unknown }[] = [];

  constructor(spans: FileSpan[], track: number) {
    this.spans = spans;
    this.#track = track;
  }

  get depth(): number {
    return this.#open.length;
  }

  keyAt(depth: number): unknown {
    return this.#open[depth]?.key;
  }

  open(key: unknown, name: string, atUs: number, attributes: FileSpan["attributes"] = {}): void {
    const parent = this.#open.at(-1);
    this.#open.push({ key, place: this.spans.length });
    this.spans.push({ id: String(this.spans.length), parentId: parent === undefined ? null : this.spans[parent.place]!.id, name, track: this.#track, startUs: atUs, durationUs: 0, attributes });
  }

  /** Closes the innermost; `more` is added to its attributes. */
  close(atUs: number, more: FileSpan["attributes"] = {}): void {
    const last = this.#open.pop();
    if (last === undefined) return;
    const span = this.spans[last.place]!;
    this.spans[last.place] = { ...span, durationUs: Math.max(0, atUs - span.startUs), attributes: { ...span.attributes, ...more } };
  }
}

/** One stack after the other, each for some time: what is alike from the root on stays open. */
export function followStack(builder: StackBuilder, frames: readonly { readonly key: unknown; readonly name: string; readonly attributes: FileSpan["attributes"] }[], atUs: number): void {
  let common = 0;
  while (common < builder.depth && common < frames.length && builder.keyAt(common) === frames[common]!.key) common += 1;
  while (builder.depth > common) builder.close(atUs);
  for (const { key, name, attributes } of frames.slice(common)) builder.open(key, name, atUs, attributes);
}

/** A foreign attribute's value as one of ours. */
export function attributeOf(value: unknown): string | number | boolean {
  if (typeof value === "string" || typeof value === "boolean") return value;
  // It came out of JSON, so it goes back into it.
  return typeof value === "number" && Number.isFinite(value) ? value : JSON.stringify(value);
}
