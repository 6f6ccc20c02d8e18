import { median } from "../../base/median.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { Span, Trace } from "../../protocol/trace.ts";

/** What one kind of operation took in a step, on average; the instrument's share of its time is taken off. */
export interface OperationRow {
  readonly name: string;
  /** In a step. */
  readonly count: number;
  readonly us: number;
  /** Of all operations' time. */
  readonly share: number;
  readonly gbPerS: number;
  /** Null where some of its operations have no formula. */
  readonly gflopPerS: number | null;
  /** How near it comes to what the machine can do, by the limit that it is nearer to; null where limits are not known. */
  readonly ofLimit: { readonly share: number; readonly by: "bandwidth" | "compute" } | null;
}

export interface Limits {
  readonly gbPerS: number;
  readonly gflopPerS: number;
  readonly threads: number;
  readonly device: string;
  readonly disturbed: boolean;
}

export interface OperationsReport {
  readonly steps: { readonly profiled: number; readonly unprofiled: number; readonly batch: number };
  /** Medians of a whole step; null where there was none to compare with. */
  readonly stepUs: { readonly profiled: number; readonly unprofiled: number | null };
  readonly instrument: { readonly perStepUs: number; readonly perOperationUs: number; readonly operations: number };
  readonly limits: Limits | null;
  /** The request wanted more than a trace takes. */
  readonly cutAt: number | null;
  readonly operators: readonly OperationRow[];
  readonly layers: readonly OperationRow[];
}

/** Adds up the operations in a trace, by operator and by layer. Throws `invalid_request` when it has none. */
export function operationsReport({ spans }: Pick<Trace, "spans">): OperationsReport {
  const steps = spans.filter(isProfiled);
  const [first] = steps;
  if (first === undefined) {
    throw new InfernoError("invalid_request", "No step of this answer was recorded.", { param: "steps", hint: "The answer may have ended before the first of them: ask for earlier steps." });
  }
  const limits = limitsOf(spans);
  const recorded = spans.filter(({ name }) => name === "operation").flatMap((span) => {
    const step = steps.find((it) => isWithin(span, it));
    return step === undefined ? [] : [{ span, us: Math.max(0, span.durationUs - numberOf(step, "emptyUs")) }];
  });
  const total = recorded.reduce((sum, { us }) => sum + us, 0);
  const rows = (keyOf: (span: Span) => string): OperationRow[] => [...Map.groupBy(recorded, ({ span }) => keyOf(span))]
    .map(([name, group]) => rowOf(name, group, { steps: steps.length, total, limits }));
  const plain = spans.filter((span) => isComparable(span, first));
  return {
    steps: { profiled: steps.length, unprofiled: plain.length, batch: numberOf(first, "batch") },
    stepUs: { profiled: median(steps.map(({ durationUs }) => durationUs)), unprofiled: plain.length === 0 ? null : median(plain.map(({ durationUs }) => durationUs)) },
    instrument: {
      perStepUs: median(steps.map((step) => numberOf(step, "instrumentUs"))), perOperationUs: median(steps.map((step) => numberOf(step, "emptyUs"))),
      operations: numberOf(first, "operations"),
    },
    limits,
    cutAt: spans.map(({ attributes }) => attributes["profileLimit"]).find((limit) => typeof limit === "number") ?? null,
    operators: rows(({ attributes }) => String(attributes["operator"])).toSorted((a, b) => b.us - a.us),
    layers: rows(layerName).toSorted((a, b) => layerOrder(a.name) - layerOrder(b.name)),
  };
}

interface Recorded {
  readonly span: Span;
  readonly us: number;
}

function rowOf(name: string, group: readonly Recorded[], { steps, total, limits }: { readonly steps: number; readonly total: number; readonly limits: Limits | null }): OperationRow {
  const us = group.reduce((sum, each) => sum + each.us, 0);
  const sumOf = (key: string): number => group.reduce((sum, { span }) => sum + numberOf(span, key), 0);
  const rate = (amount: number): number => (us === 0 ? 0 : amount / us / 1000);
  const known = group.every(({ span }) => span.attributes["flops"] !== undefined);
  const gbPerS = rate(sumOf("bytes"));
  const gflopPerS = rate(sumOf("flops"));
  const bandwidth = limits === null ? 0 : gbPerS / limits.gbPerS;
  const compute = limits === null ? 0 : gflopPerS / limits.gflopPerS;
  return {
    name, count: group.length / steps, us: us / steps, share: total === 0 ? 0 : us / total, gbPerS, gflopPerS: known ? gflopPerS : null,
    ofLimit: limits === null ? null : bandwidth >= compute ? { share: bandwidth, by: "bandwidth" } : { share: compute, by: "compute" },
  };
}

const otherLayers = "outside the layers";
const layerName = ({ attributes: { layer } }: Span): string => (typeof layer === "number" ? `layer ${layer}` : otherLayers);
const layerOrder = (name: string): number => (name === otherLayers ? Number.POSITIVE_INFINITY : Number(name.slice("layer ".length)));

const isProfiled = ({ attributes }: Span): boolean => attributes["profiled"] === true;

/** As wide as the profiled step, so that only the instrument makes the difference. */
function isComparable(span: Span, step: Span): boolean {
  if (span.name !== step.name || span.attributes["profiled"] !== undefined) return false;
  return ["batch", "drafted", "tokens"].every((key) => span.attributes[key] === step.attributes[key]);
}

/** Times are rounded to tenths of a microsecond, and the step's to whole ones. */
const isWithin = (inner: Span, outer: Span): boolean => inner.startUs >= outer.startUs - 1 && inner.startUs + inner.durationUs <= outer.startUs + outer.durationUs + 1;

function limitsOf(spans: readonly Span[]): Limits | null {
  const { attributes } = spans.find(({ name, attributes: { gbPerS } }) => name === "instrument" && gbPerS !== undefined) ?? {};
  if (attributes === undefined) return null;
  const { gbPerS, gflopPerS, threads, device, disturbed } = attributes;
  return { gbPerS: Number(gbPerS), gflopPerS: Number(gflopPerS), threads: Number(threads), device: String(device), disturbed: disturbed === true };
}

const numberOf = ({ attributes }: Span, key: string): number => {
  const value = attributes[key];
  return typeof value === "number" ? value : 0;
};
