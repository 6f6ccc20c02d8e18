import { z } from "zod";
import type { FileSpan, Request, Track, TraceContent } from "../trace-file/content.ts";
import { attributeOf, checked, importedContent, wrong } from "./foreign.ts";
import { genAiAttributes, genAiOperation } from "./gen-ai.ts";
import { w3cSpanId, w3cTraceId } from "./w3c-ids.ts";

/** OpenTelemetry's traces as JSON (OTLP/HTTP): spans with W3C ids and times since 1970 in nanoseconds. */

type Attributes = FileSpan["attributes"];

export function toOtlp(content: TraceContent): string {
  const { meta, tracks, spans } = content;
  const requestOf = new Map(tracks.map(({ id, request }) => [id, request]));
  const trackNames = new Map(tracks.map(({ id, name }) => [id, name]));
  const scopeSpans = [...Map.groupBy(spans, ({ track }) => requestOf.get(track) ?? null)].map(([index, own]) => {
    const request = index === null ? undefined : meta.requests[index];
    const traceId = w3cTraceId(request?.id ?? meta.title);
    const first = own.reduce((least, { startUs }) => Math.min(least, startUs), 0);
    const startMs = Math.max(Math.round(dateOf(request?.startedAt ?? meta.startedAt)), Math.ceil(-first / 1000));
    // Nothing is before 1970 there.
    const startNs = BigInt(startMs) * 1_000_000n;
    const at = (us: number): string => (startNs + BigInt(Math.round(us * 1000))).toString();
    return {
      scope: { name: "inferno" },
      spans: own.map((span) => {
        const isRequest = span.parentId === null && request !== undefined;
        const attributes: Attributes = { "inferno.span.id": span.id, "inferno.track": trackNames.get(span.track) ?? "", ...span.attributes, ...(isRequest && { "inferno.span.name": span.name, ...genAiAttributes(request) }) };
        return {
          traceId, spanId: w3cSpanId(traceId, span.id), ...(span.parentId !== null && { parentSpanId: w3cSpanId(traceId, span.parentId) }),
          name: isRequest ? `${genAiOperation(request.route)} ${request.model}` : span.name, kind: isRequest ? 2 : 1,
          startTimeUnixNano: at(span.startUs), endTimeUnixNano: at(span.startUs + span.durationUs),
          attributes: keyValues(attributes), status: isRequest ? statusOf(request) : {},
        };
      }),
    };
  });
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: keyValues({ "service.name": "inferno" }) }, scopeSpans }] });
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

const AnyValue = z.record(z.string(), z.unknown());
const Attribute = z.object({ key: z.string(), value: AnyValue.optional() });
const nanoseconds = z.union([z.string().regex(/^\d{1,20}$/, "nanoseconds since 1970 are wanted"), z.int().min(0)]);
const OtlpSpan = z.object({
  traceId: z.string(), spanId: z.string(), parentSpanId: z.string().nullish(), name: z.string().default(""),
  startTimeUnixNano: nanoseconds, endTimeUnixNano: nanoseconds, attributes: z.array(Attribute).default([]),
  status: z.object({ code: z.union([z.number(), z.string()]).optional(), message: z.string().optional() }).nullish(),
});
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
  let first = BigInt(found[0]!.span.startTimeUnixNano);
  for (const { span } of found) if (BigInt(span.startTimeUnixNano) < first) first = BigInt(span.startTimeUnixNano);
  const since = (time: string | number): number => Number(BigInt(time) - first) / 1000;
  const spans = found.map(({ span, service }): FileSpan => {
    const key = `${service}\n${span.traceId}`;
    let track = tracks.get(key);
    if (track === undefined) tracks.set(key, (track = { id: tracks.size, name: `${service}, ${span.traceId.slice(0, 8)}`, kind: "service", request: null }));
    const startUs = since(span.startTimeUnixNano);
    const parent = span.parentSpanId ?? "";
    return {
      id: span.spanId, parentId: parent === "" ? null : parent, name: span.name, track: track.id, startUs, durationUs: Math.max(0, since(span.endTimeUnixNano) - startUs),
      attributes: { ...attributesOf(span.attributes), ...(span.status?.message !== undefined && { "status.message": span.status.message }) },
    };
  });
  const startedAt = new Date(Number(first / 1_000_000n));
  const title = spans.find(({ parentId }) => parentId === null)?.name ?? "OTLP trace";
  return importedContent({ source: "otlp", title, startedAt: Number.isNaN(startedAt.getTime()) ? null : startedAt.toISOString(), tracks: [...tracks.values()], spans, notes: [] });
}

function attributesOf(list: readonly z.infer<typeof Attribute>[]): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, scalarOf(value)]));
}

/** Lists and maps stay JSON. */
function scalarOf(value: z.infer<typeof AnyValue> | undefined): Attributes[string] {
  if (typeof value?.["intValue"] === "string") {
    const number = Number(value["intValue"]);
    return Number.isSafeInteger(number) ? number : value["intValue"];
  }
  return attributeOf(value?.["stringValue"] ?? value?.["intValue"] ?? value?.["doubleValue"] ?? value?.["boolValue"] ?? value?.["bytesValue"] ?? value ?? "");
}
