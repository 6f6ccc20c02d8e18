import { spanTable, type Span, type Trace } from "../../../protocol/trace.ts";
import { formatPercent, formatRate, formatUs } from "./units.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";

/** Spans of one name under one parent, taken together from this count on: an answer of 200 tokens has 200 decode steps. */
const foldFrom = 4;

interface Row {
  readonly label: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly note: string;
}

/** A trace as text: its facts, then the tree of spans with time, share of the request and attributes. */
export function formatTrace(trace: Trace, options: { readonly all: boolean; readonly paint: Paint }): string[] {
  const { paint } = options;
  return [...facts(trace, paint), "", ...spanTree(trace.spans, options)];
}

/** The tree of spans with time, share of the whole and attributes. */
export function spanTree(spans: readonly Span[], options: { readonly all: boolean; readonly paint: Paint }): string[] {
  const { paint } = options;
  const roots = spans.filter(({ parentId }) => parentId === null);
  const children = Map.groupBy(spans, ({ parentId }) => parentId);
  const rows = foldedOf(roots, options.all).flatMap((group) => groupRows(group, children, options.all, "", "", 0));
  const width = rows.reduce((most, { label }) => Math.max(most, label.length), 0);
  const total = roots.reduce((sum, { durationUs }) => sum + durationUs, 0);
  const lines = rows.map(({ label, startUs, durationUs, note }) => {
    const times = `${formatUs(startUs).padStart(9)}  ${formatUs(durationUs).padStart(9)}  ${formatPercent(total === 0 ? 0 : durationUs / total).padStart(7)}`;
    return `${label.padEnd(width)}  ${times}${note === "" ? "" : `  ${paint.dim(note)}`}`;
  });
  const header = paint.dim(`${"span".padEnd(width)}  ${"start".padStart(9)}  ${"time".padStart(9)}  ${"share".padStart(7)}`);
  return [header, ...lines];
}

/** Levels that are printed: lines further to the right would not be read, and an imported stack may have thousands. */
const deepest = 100;

const foldedOf = (spans: readonly Span[], all: boolean): Span[][] => (all ? spans.map((span) => [span]) : foldByName(spans));

function facts(trace: Trace, paint: Paint): string[] {
  const status = trace.errorCode === null ? trace.status : `${trace.status} (${trace.errorCode})`;
  const rows: [string, string][] = [
    ["trace", trace.id],
    ["model", trace.model],
    ["route", trace.route],
    ["started", trace.startedAt],
    ["status", status],
    ["wall time", formatUs(trace.durationUs)],
    ["tokens", `${trace.promptTokens} prompt, ${trace.completionTokens} answer`],
    ["TTFT", trace.ttftUs === null ? "–" : formatUs(trace.ttftUs)],
    ["rate", formatRate(trace.tokensPerSecond)],
  ];
  return rows.map(([name, value]) => `${paint.dim(name.padEnd(10))} ${printable(value)}`);
}

function groupRows(group: readonly Span[], children: ReadonlyMap<string | null, readonly Span[]>, all: boolean, first: string, rest: string, depth: number): Row[] {
  const [span] = group;
  if (span === undefined || group.length > 1) return [foldedRow(group, first)];
  const below = (children.get(span.id) ?? []).toSorted((a, b) => a.startUs - b.startUs);
  const note = depth === deepest && below.length > 0 ? `(${below.length} below are not shown) ${noteOf(span)}` : noteOf(span);
  const own: Row = { label: first + printable(span.name), startUs: span.startUs, durationUs: span.durationUs, note };
  if (depth === deepest) return [own];
  const groups = foldedOf(below, all);
  return [own, ...groups.flatMap((each, index) => {
    const last = index === groups.length - 1;
    return groupRows(each, children, all, rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "), depth + 1);
  })];
}

/** Children in order of first appearance; a name that appears often becomes one group. */
function foldByName(children: readonly Span[]): Span[][] {
  const byName = Map.groupBy(children, ({ name }) => name);
  const seen = new Set<string>();
  return children.flatMap((child) => {
    const group = byName.get(child.name)!;
    if (group.length < foldFrom) return [[child]];
    if (seen.has(child.name)) return [];
    seen.add(child.name);
    return [group];
  });
}

function foldedRow(group: readonly Span[], branch: string): Row {
  const durations = group.map(({ durationUs }) => durationUs);
  const sum = durations.reduce((a, b) => a + b, 0);
  const range = `mean ${formatUs(sum / group.length)}, longest ${formatUs(durations.reduce((a, b) => Math.max(a, b), 0))}`;
  const [head] = group as [Span];
  return { label: `${branch}${printable(head.name)} ×${group.length}`, startUs: head.startUs, durationUs: sum, note: beside(head) + range };
}

function noteOf(span: Span): string {
  return beside(span) + Object.entries(span.attributes).map(([key, value]) => printable(`${key}=${value}`)).join(" ");
}

/** These run while others do: without a word on it, the shares would seem to add up to more than the whole. */
function beside({ name }: Span): string {
  const row = Object.entries(spanTable).find(([known]) => known === name);
  return row?.[1].kind === "beside" ? "(beside the others) " : "";
}
