import type { ApplicationSpans, Span, Trace } from "./trace.ts";
import { repairSpans } from "./trace-file/repair-spans.ts";

/** Too little to say that clocks differ: a request's start is known to a millisecond. */
const unremarkableUs = 1000;

/**
 * A request's spans and those of the application that called it, as one tree: ours hang from the span that called, if it has come. What others sent
 * may name parents that are nowhere, or be its own ancestor; such spans are roots.
 */
export function joinedSpans({ spans, caller, application }: Pick<Trace, "spans" | "caller" | "application">): readonly Span[] {
  if (application === undefined) return spans;
  const own = spans.map((span) => ({ ...span, parentId: span.parentId ?? caller?.spanId ?? null, track: 0 }));
  const theirs = application.spans.map((span) => ({ ...span, track: 0 }));
  return repairSpans([...own, ...theirs], []).spans.map(({ track: _, ...span }) => span);
}

/** What whoever reads the joined tree has to know of it. */
export function applicationNotes(application: ApplicationSpans | undefined): string[] {
  if (application === undefined) return [];
  const { spans, dropped, outsideUs } = application;
  return [
    `Spans of the application: ${spans.length}. They are placed by the time of day on its own clock; the request's start is known to a millisecond.`,
    ...(outsideUs !== null && outsideUs > unremarkableUs ? [`By these clocks the request lies ${(outsideUs / 1000).toFixed(1)} ms outside the span that called it: if that one waited for the answer, the clocks differ by at least as much.`] : []),
    ...(outsideUs === null ? ["The span that called has not come yet, so the request is a root beside the others."] : []),
    ...(dropped > 0 ? [`Spans of the application that were let go, so that there was room: ${dropped}.`] : []),
  ];
}
