import { factsOf, nanosecondsOf, OtlpSpan } from "../../protocol/trace-convert/otlp-json.ts";
import type { SpanAttributes } from "../../protocol/trace.ts";

/** A span of somebody else's program, checked and cut to size. */
export interface ForeignSpan {
  readonly traceId: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  /** Since 1970. */
  readonly startUs: number;
  readonly durationUs: number;
  readonly attributes: SpanAttributes;
  /** Memory that it takes, as estimated. */
  readonly bytes: number;
}

const longest = { name: 256, key: 128, value: 1024, attributes: 64 };
/** Of objects, ids and numbers. */
const overheadBytes = 400;
/** Farther from now no span belongs to a request that is remembered; a time of 0 is one that nobody set. */
const farthestMs = 24 * 3600 * 1000;

const traceId = /^(?!0+$)[0-9a-f]{32}$/;
const spanId = /^(?!0+$)[0-9a-f]{16}$/;

/** The span, or in words why it is none. */
export function checkedSpan(value: unknown, service: string, nowMs: number): ForeignSpan | string {
  const parsed = OtlpSpan.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${cut(issue?.path.join(".") ?? "", longest.name)}: ${cut(issue?.message ?? "not valid", longest.value)}`;
  }
  const span = parsed.data;
  const ids = { trace: span.traceId.toLowerCase(), own: span.spanId.toLowerCase(), parent: (span.parentSpanId ?? "").toLowerCase() };
  if (!traceId.test(ids.trace)) return "traceId must be 32 hexadecimal digits, not all of them zero";
  if (!spanId.test(ids.own)) return "spanId must be 16 hexadecimal digits, not all of them zero";
  if (ids.parent !== "" && !spanId.test(ids.parent)) return "parentSpanId must be empty or 16 hexadecimal digits, not all of them zero";
  const [start, end] = [nanosecondsOf(span.startTimeUnixNano), nanosecondsOf(span.endTimeUnixNano)];
  if (end < start) return "it ends before it starts";
  for (const time of [start, end]) if (Math.abs(Number(time / 1_000_000n) - nowMs) > farthestMs) return "its time is more than a day from now by the daemon's clock";
  const [name, attributes] = [cut(span.name, longest.name), cutAttributes({ ...factsOf(span), "service.name": service })];
  return {
    traceId: ids.trace, id: ids.own, parentId: ids.parent === "" ? null : ids.parent, name, attributes,
    startUs: Number(start) / 1000, durationUs: Number(end - start) / 1000, bytes: overheadBytes + 2 * (name.length + textOf(attributes)),
  };
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/** The service is among those that stay. */
function cutAttributes(attributes: SpanAttributes): SpanAttributes {
  const entries = Object.entries(attributes);
  const kept = entries.length <= longest.attributes ? entries : [...entries.slice(0, longest.attributes - 1), ["service.name", attributes["service.name"]!] as const];
  return Object.fromEntries(kept.map(([key, value]) => [cut(key, longest.key), typeof value === "string" ? cut(value, longest.value) : value]));
}

const textOf = (attributes: SpanAttributes): number => Object.entries(attributes).reduce((sum, [key, value]) => sum + key.length + (typeof value === "string" ? value.length : 8), 0);
