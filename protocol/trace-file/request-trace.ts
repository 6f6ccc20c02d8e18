import { applicationNotes, joinedSpans } from "../joined-spans.ts";
import type { Trace } from "../trace.ts";
import type { TraceContent } from "./content.ts";

/** The content of a file with one request, and with what is known of its caller around it. */
export function contentOf(trace: Trace, producer = "inferno"): TraceContent {
  const { spans: _, application, ...request } = trace;
  return {
    meta: { title: `${request.model} ${request.route}`, producer, source: "inferno", startedAt: request.startedAt, redacted: false, requests: [request], notes: applicationNotes(application) },
    tracks: [{ id: 0, name: "request", kind: "request", request: 0 }],
    spans: joinedSpans(trace).map((span) => ({ ...span, track: 0 })),
    tables: [],
    series: [],
  };
}

/** The requests of a file, as the daemon gives them. Spans that belong to no request are in none. */
export function tracesOf({ meta, tracks, spans }: TraceContent): Trace[] {
  const requestOf = new Map(tracks.map(({ id, request }) => [id, request]));
  const byRequest = Map.groupBy(spans, ({ track }) => requestOf.get(track) ?? null);
  return meta.requests.map((request, index) => ({ ...request, spans: (byRequest.get(index) ?? []).map(({ track: _, ...span }) => span) }));
}
