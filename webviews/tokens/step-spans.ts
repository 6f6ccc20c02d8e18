import type { Span } from "../../protocol/trace.ts";
import type { Token } from "./conversation.ts";

/** What one kind of operation took in a step. */
export interface OperationSum {
  readonly operator: string;
  readonly count: number;
  readonly totalUs: number;
  readonly bytes: number;
}

export interface StepSpans {
  /** The stages between the choice before and this one, in order. */
  readonly stages: readonly Span[];
  /** The operations in them, by operator, the longest first; none unless the step was profiled. */
  readonly operations: readonly OperationSum[];
}

const groups: ReadonlySet<string> = new Set(["request", "prompt", "generate", "read image"]);

/** What happened for a token: from the choice of the step before to its own. Tokens of one step (guesses that were right) share it. */
export function stepSpans(spans: readonly Span[], answer: readonly Token[], place: number): StepSpans {
  const own = answer[place]?.choice;
  if (own === null || own === undefined) return { stages: [], operations: [] };
  let first = place;
  while (first > 0 && answer[first - 1]?.choice?.step === own.step) first--;
  const fromUs = answer[first - 1]?.choice?.atUs ?? 0;
  const inside = spans.filter(({ startUs, durationUs }) => startUs < own.atUs && startUs + durationUs > fromUs);
  return {
    stages: inside.filter(({ name }) => name !== "operation" && !groups.has(name)),
    operations: sums(inside.filter(({ name }) => name === "operation")),
  };
}

function sums(operations: readonly Span[]): OperationSum[] {
  const byOperator = new Map<string, OperationSum>();
  for (const { attributes, durationUs } of operations) {
    const operator = typeof attributes["operator"] === "string" ? attributes["operator"] : "?";
    const bytes = typeof attributes["bytes"] === "number" ? attributes["bytes"] : 0;
    const sum = byOperator.get(operator) ?? { operator, count: 0, totalUs: 0, bytes: 0 };
    byOperator.set(operator, { operator, count: sum.count + 1, totalUs: sum.totalUs + durationUs, bytes: sum.bytes + bytes });
  }
  return [...byOperator.values()].sort((a, b) => b.totalUs - a.totalUs);
}
