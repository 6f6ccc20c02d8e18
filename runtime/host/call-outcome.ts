import { InfernoError } from "../../protocol/errors.ts";
import type { FromHost, HostCalls, CallKind } from "./messages.ts";
import type { Timeline } from "./timeline.ts";

type Answer = Extract<FromHost, { type: "answer" }>;

/** The one message that answers a call. */
export function answered(id: string, timeline: Timeline, value: HostCalls[CallKind]["answered"]): Answer {
  return { type: "answer", id, outcome: { ok: true, value }, endUs: timeline.endUs, spans: timeline.take() };
}

export function refused(id: string, timeline: Timeline, thrown: unknown): Answer {
  return { type: "answer", id, outcome: { ok: false, error: InfernoError.from(thrown).toBody() }, endUs: timeline.endUs, spans: timeline.take() };
}
