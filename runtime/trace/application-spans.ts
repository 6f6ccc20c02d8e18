import type { OtlpTracesRequest, OtlpTracesResponse } from "../../protocol/api/otlp.ts";
import { attributesOf } from "../../protocol/trace-convert/otlp-json.ts";
import type { ApplicationSpans, Span, Trace } from "../../protocol/trace.ts";
import { checkedSpan, type ForeignSpan } from "./foreign-span.ts";

export interface SpanLimits {
  /** Spans of one trace. */
  readonly trace: number;
  /** Spans that one call may bring: checking them keeps the gateway busy. */
  readonly call: number;
  /** Memory of all, as estimated. */
  readonly bytes: number;
}

const defaultLimits: SpanLimits = { trace: 2000, call: 5000, bytes: 32 * 1024 * 1024 };

interface KeptTrace {
  /** By id, the oldest first. */
  readonly spans: Map<string, ForeignSpan>;
  bytes: number;
  dropped: number;
}

/** Spans that applications have sent of their own traces, by W3C trace id: in memory, and never more than there is room for. */
export class KeptApplicationSpans {
  readonly #limits: SpanLimits;
  /** Milliseconds since 1970. */
  readonly #now: () => number;
  /** The one that got spans last is last. */
  readonly #traces = new Map<string, KeptTrace>();
  #bytes = 0;

  constructor(limits = defaultLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What cannot be taken is counted, and the first reason said, as OTLP wants it. */
  take({ resourceSpans }: OtlpTracesRequest): OtlpTracesResponse {
    let [number, rejected, reason] = [0, 0, ""];
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = attributesOf(resource?.attributes ?? [])["service.name"];
      for (const value of scopeSpans.flatMap(({ spans }) => spans)) {
        number += 1;
        const span = number > this.#limits.call ? `one call brings at most ${this.#limits.call} spans` : checkedSpan(value, typeof service === "string" ? service : "unknown service", this.#now());
        if (typeof span !== "string") {
          this.#keep(span);
          continue;
        }
        rejected += 1;
        if (rejected === 1) reason = `Span ${number}: ${span}.`;
      }
    }
    return rejected === 0 ? {} : { partialSuccess: { rejectedSpans: String(rejected), errorMessage: reason } };
  }

  /** What belongs to this request; undefined where nothing has come. */
  around({ caller, spans: [root], startedAt, durationUs }: Pick<Trace, "caller" | "spans" | "startedAt" | "durationUs">): ApplicationSpans | undefined {
    const kept = caller && this.#traces.get(caller.traceId);
    if (!kept || root === undefined) return undefined;
    const startUs = Date.parse(startedAt) * 1000;
    const spans = [...kept.spans.values()].map(({ id, parentId, name, startUs: at, durationUs: length, attributes }): Span => ({ id, parentId, name, startUs: at - startUs, durationUs: length, attributes }));
    const calling = spans.find(({ id }) => id === caller.spanId);
    const outsideUs = calling === undefined ? null : Math.max(0, calling.startUs, durationUs - calling.startUs - calling.durationUs);
    return { spans, dropped: kept.dropped, outsideUs };
  }

  #keep(span: ForeignSpan): void {
    const trace = this.#traces.get(span.traceId) ?? { spans: new Map<string, ForeignSpan>(), bytes: 0, dropped: 0 };
    this.#traces.delete(span.traceId);
    this.#traces.set(span.traceId, trace);
    // The same span again is an exporter that tries once more.
    this.#forget(trace, span.id);
    trace.spans.set(span.id, span);
    trace.bytes += span.bytes;
    this.#bytes += span.bytes;
    if (trace.spans.size > this.#limits.trace) this.#drop(trace);
    while (this.#bytes > this.#limits.bytes) this.#makeRoom();
  }

  /** The trace that has waited longest goes; the only one there is loses its oldest span. */
  #makeRoom(): void {
    const [first] = this.#traces;
    if (first === undefined) return;
    const [id, trace] = first;
    if (this.#traces.size === 1) return this.#drop(trace);
    this.#traces.delete(id);
    this.#bytes -= trace.bytes;
  }

  #drop(trace: KeptTrace): void {
    const [oldest] = trace.spans.keys();
    if (oldest === undefined) return;
    this.#forget(trace, oldest);
    trace.dropped += 1;
  }

  #forget(trace: KeptTrace, id: string): void {
    const bytes = trace.spans.get(id)?.bytes ?? 0;
    trace.spans.delete(id);
    trace.bytes -= bytes;
    this.#bytes -= bytes;
  }
}
