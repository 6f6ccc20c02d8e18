import type { SpanName } from "../../protocol/trace.ts";
import type { SpanRecord } from "../host/messages.ts";

/** A group of spans: the model host's work on the prompt, and its work on the answer. */
export interface Phase {
  readonly name: "prompt" | "generate";
  readonly startUs: number;
  readonly endUs: number;
}

const promptStages: ReadonlySet<SpanName> = new Set(["template", "tokenize", "prefill"]);
const answerStages: ReadonlySet<SpanName> = new Set(["sample", "decode", "detokenize", "send"]);
const idleStages: ReadonlySet<SpanName> = new Set(["queue", "wait", "send"]);

/** The phases of these spans, which are in the order of their start. A request that ended early lacks the second, or both. */
export function phasesOf(spans: readonly SpanRecord[]): Phase[] {
  const first = spans.find(({ name }) => promptStages.has(name));
  if (first === undefined) return [];
  const answer = spans.find(({ name }) => name === "sample");
  const lastOf = (stages: ReadonlySet<SpanName>) => spans.findLast(({ name }) => stages.has(name))?.endUs ?? first.endUs;
  const prompt: Phase = { name: "prompt", startUs: first.startUs, endUs: answer?.startUs ?? lastOf(promptStages) };
  return answer === undefined ? [prompt] : [prompt, { name: "generate", startUs: answer.startUs, endUs: lastOf(answerStages) }];
}

/** The phase that holds a span, if any: by its name, because the gateway's spans touch the phases' ends. */
export function phaseOf({ name, startUs, endUs }: SpanRecord, phases: readonly Phase[]): Phase | undefined {
  if (!promptStages.has(name) && !answerStages.has(name) && !idleStages.has(name)) return undefined;
  return phases.find((phase) => startUs >= phase.startUs && endUs <= phase.endUs);
}
