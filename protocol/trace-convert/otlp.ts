import { z } from "zod";
import type { FileSpan, Request, Track, TraceContent } from "../trace-file/content.ts";
import { checked, importedContent, wrong } from "./foreign.ts";
import { genAiAttributes, genAiOperation } from "./gen-ai.ts";
import { Attribute, attributesOf, factsOf, nanosecondsOf, OtlpSpan } from "./otlp-json.ts";
import { w3cSpanId, w3cTraceId } from "./w3c-ids.ts";

/** OpenTelemetry's traces as JSON (OTLP/HTTP): spans with W3C ids and times since 1970 in nanoseconds. */

type Attributes = FileSpan["attributes"];

export function toOtlp(content: TraceContent): string {
  const { meta, tracks, spans } = content;
  const requestOf = new Map(tracks.map(({ id, request }) => [id, request]));
  const byService = new Map<string, object[]>();
  for (const [index, own] of Map.groupBy(spans, ({ track }) => requestOf.get(track) ?? null)) {
    const words = wordsOf(content, index === null ? undefined : meta.requests[index], own);
    for (const [service, some] of Map.groupBy(own, serviceOf)) {
      byService.set(service, [...(byService.get(service) ?? []), { scope: { name: "inferno" }, spans: some.map(words) }]);
    }
  }
  return JSON.stringify({ resourceSpans: [...byService].map(([service, scopeSpans]) => ({ resource: { attributes: keyValues({ "service.name": service }) }, scopeSpans })) });
}

/** Spans of an application that called say whose they are. */
function serviceOf({ attributes }: FileSpan): string {
  const service = attributes["service.name"];
  return typeof service === "string" ? service : "inferno";
}

/** How a span is worded that belongs to this request, or to none. */
function wordsOf({ meta, tracks }: TraceContent, request: Request | undefined, own: readonly FileSpan[]): (span: FileSpan) => object {
  const trackNames = new Map(tracks.map(({ id, name }) => [id, name]));
  // Where an application called, its spans are around the request's, and come after them.
  const inside = request?.caller && own.find(({ name }) => name === "request");
  const traceId = w3cTraceId(request?.caller?.traceId ?? request?.id ?? meta.title);
  const first = own.reduce((least, { startUs }) => Math.min(least, startUs), 0);
  const startMs = Math.max(Math.round(dateOf(request?.startedAt ?? meta.startedAt)), Math.ceil(-first / 1000));
  // Nothing is before 1970 there.
  const startNs = BigInt(startMs) * 1_000_000n;
  const at = (us: number): string => (startNs + BigInt(Math.round(us * 1000))).toString();
  return (span) => {
    const of = (inside === undefined ? span.parentId === null : span === inside) ? request : undefined;
    const attributes: Attributes = { "inferno.span.id": span.id, "inferno.track": trackNames.get(span.track) ?? "", ...span.attributes, ...(of && { "inferno.span.name": span.name, ...genAiAttributes(of) }) };
    const parent = span.parentId ?? of?.caller?.spanId;
    return {
      traceId, spanId: w3cSpanId(traceId, span.id), ...(parent !== undefined && { parentSpanId: w3cSpanId(traceId, parent) }),
      name: of ? `${genAiOperation(of.route)} ${of.model}` : span.name, kind: of ? 2 : 1,
      startTimeUnixNano: at(span.startUs), endTimeUnixNano: at(span.startUs + span.durationUs),
      attributes: keyValues(attributes), status: of ? statusOf(of) : {},
    };
  };
}

/** Milliseconds since 1970; 0 where the source does not say. */
function dateOf(startedAt: string | null): number {
  const date = startedAt === null ? 0 : Date.parse(startedAt);
  return Number.isNaN(date) ? 0 : date;
}

const statusOf = ({ status, errorCode }: Request): object => (status === "ok" ? { code: 1 } : status === "running" ? {} : { code: 2, message: errorCode ?? status });

const keyValues = (attributes: Attributes): object[] => Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));

function valueOf(value: Attributes[string]): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  // 64-bit numbers are texts in protobuf's JSON.
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

const File = z.object({
  resourceSpans: z.array(z.object({
    resource: z.object({ attributes: z.array(Attribute).default([]) }).optional(),
    scopeSpans: z.array(z.object({ spans: z.array(OtlpSpan) })),
  })),
});

export function fromOtlp(value: unknown): TraceContent {
  const { resourceSpans } = checked(File, value, "OTLP trace");
  const tracks = new Map<string, Track>();
  const found = resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = attributesOf(resource?.attributes ?? [])["service.name"];
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ span, service: typeof service === "string" ? service : "unknown service" })));
  });
  if (found.length === 0) throw wrong("OTLP trace", "resourceSpans: there is no span");
  let first = nanosecondsOf(found[0]!.span.startTimeUnixNano);
  for (const { span } of found) if (nanosecondsOf(span.startTimeUnixNano) < first) first = nanosecondsOf(span.startTimeUnixNano);
  const since = (time: string | number): number => Number(nanosecondsOf(time) - first) / 1000;
  const spans = found.map(({ span, service }): FileSpan => {
    const key = `${service}\n${span.traceId}`;
    let track = tracks.get(key);
    if (track === undefined) tracks.set(key, (track = { id: tracks.size, name: `${service}, ${span.traceId.slice(0, 8)}`, kind: "service", request: null }));
    const startUs = since(span.startTimeUnixNano);
    const parent = span.parentSpanId ?? "";
    return {
      id: span.spanId, parentId: parent === "" ? null : parent, name: span.name, track: track.id, startUs, durationUs: Math.max(0, since(span.endTimeUnixNano) - startUs),
      attributes: factsOf(span),
    };
  });
  const startedAt = new Date(Number(first / 1_000_000n));
  const title = spans.find(({ parentId }) => parentId === null)?.name ?? "OTLP trace";
  return importedContent({ source: "otlp", title, startedAt: Number.isNaN(startedAt.getTime()) ? null : startedAt.toISOString(), tracks: [...tracks.values()], spans, notes: [] });
}
