import { spanTable, type Span, type Trace } from "../../../protocol/trace.ts";
import { formatPercent, formatRate, formatUs } from "./units.ts";
import type { Paint } from "./paint.ts";

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
  const roots = trace.spans.filter(({ parentId }) => parentId === null);
  const rows = roots.flatMap((root) => treeRows(root, trace.spans, options.all, "", ""));
  const width = Math.max(0, ...rows.map(({ label }) => label.length));
  const total = roots.reduce((sum, { durationUs }) => sum + durationUs, 0);
  const lines = rows.map(({ label, startUs, durationUs, note }) => {
    const times = `${formatUs(startUs).padStart(9)}  ${formatUs(durationUs).padStart(9)}  ${formatPercent(total === 0 ? 0 : durationUs / total).padStart(7)}`;
    return `${label.padEnd(width)}  ${times}${note === "" ? "" : `  ${paint.dim(note)}`}`;
  });
  const header = paint.dim(`${"span".padEnd(width)}  ${"start".padStart(9)}  ${"time".padStart(9)}  ${"share".padStart(7)}`);
  return [...facts(trace, paint), "", header, ...lines];
}

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
  return rows.map(([name, value]) => `${paint.dim(name.padEnd(10))} ${value}`);
}

function treeRows(span: Span, spans: readonly Span[], all: boolean, first: string, rest: string): Row[] {
  const children = spans.filter(({ parentId }) => parentId === span.id).sort((a, b) => a.startUs - b.startUs);
  const groups = all ? children.map((child) => [child]) : foldByName(children);
  const own: Row = { label: first + span.name, startUs: span.startUs, durationUs: span.durationUs, note: noteOf(span) };
  const below = groups.flatMap((group, index) => {
    const last = index === groups.length - 1;
    const branch = rest + (last ? "└─ " : "├─ ");
    const [only] = group;
    if (group.length === 1 && only !== undefined) return treeRows(only, spans, all, branch, rest + (last ? "   " : "│  "));
    return [foldedRow(group, branch)];
  });
  return [own, ...below];
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
  const range = `mean ${formatUs(sum / group.length)}, longest ${formatUs(Math.max(...durations))}`;
  const [head] = group as [Span];
  return { label: `${branch}${head.name} ×${group.length}`, startUs: head.startUs, durationUs: sum, note: beside(head) + range };
}

function noteOf(span: Span): string {
  return beside(span) + Object.entries(span.attributes).map(([key, value]) => `${key}=${value}`).join(" ");
}

/** These run while others do: without a word on it, the shares would seem to add up to more than the whole. */
function beside({ name }: Span): string {
  const row = Object.entries(spanTable).find(([known]) => known === name);
  return row?.[1].kind === "beside" ? "(beside the others) " : "";
}
