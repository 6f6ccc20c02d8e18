import type { SpanName } from "../../protocol/trace.ts";
import type { SpanRecord } from "../host/messages.ts";

/** A group of spans: the model host's work on the prompt, and its work on the answer. */
export interface Phase {
  readonly name: "prompt" | "generate";
  readonly startUs: number;
  readonly endUs: number;
}

const promptStages: ReadonlySet<SpanName> = new Set(["template", "tokenize", "prefill"]);
const answerStages: ReadonlySet<SpanName> = new Set(["sample", "decode", "detokenize"]);
/** These belong to the phase in whose time they lie. */
const eitherStages: ReadonlySet<SpanName> = new Set(["queue", "wait", "send", "instrument"]);

/** The phases of these spans, which are in the order of their start. A request that ended early lacks the second, or both. */
export function phasesOf(spans: readonly SpanRecord[]): Phase[] {
  const first = spans.find(({ name }) => promptStages.has(name));
  if (first === undefined) return [];
  const answer = spans.find(({ name }) => name === "sample");
  const endOf = (stages: ReadonlySet<SpanName>) => spans.findLast(({ name }) => stages.has(name))?.endUs ?? first.endUs;
  const prompt: Phase = { name: "prompt", startUs: first.startUs, endUs: answer?.startUs ?? endOf(promptStages) };
  if (answer === undefined) return [prompt];
  // The last text is sent after the last token was made, and a further answer may have come no further than its prompt.
  const endUs = Math.max(endOf(answerStages), endOf(new Set(["send"])), endOf(promptStages));
  return [prompt, { name: "generate", startUs: answer.startUs, endUs }];
}

/**
 * The phase that holds a span, if any: by its name first, because a span of no length lies in both phases where they meet. A further answer of a
 * request may run the end of the prompt again, or all of it, while the first is being made.
 */
export function phaseOf({ name, startUs, endUs }: SpanRecord, phases: readonly Phase[]): Phase | undefined {
  const [prompt, generate] = phases;
  if (promptStages.has(name)) return prompt !== undefined && endUs > prompt.endUs ? generate : prompt;
  if (answerStages.has(name)) return generate;
  return eitherStages.has(name) ? phases.find((phase) => startUs >= phase.startUs && endUs <= phase.endUs) : undefined;
}
