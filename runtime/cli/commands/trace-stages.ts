import { compareTraces, extentUs, stagesOf, type FactDifference, type Stage, type StageDifference, type TraceDifference } from "../../../protocol/trace-file/stages.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import type { Paint } from "../format/paint.ts";
import { printable } from "../format/printable.ts";
import { formatTable } from "../format/table.ts";
import { formatPercent, formatUs } from "../format/units.ts";
import { outPaint } from "../terminal.ts";
import { traceOf } from "./trace-of.ts";

export interface TopOptions {
  readonly limit?: number | undefined;
}

/** A trace's span names by the time that they took themselves. */
export async function topOfTrace(context: Context, asked: string, { limit = 20 }: TopOptions): Promise<number> {
  const { content } = await traceOf(context, asked);
  const [wallUs, stages] = [extentUs(content.spans), stagesOf(content).slice(0, limit)];
  if (context.json) printJson(context, { wallUs, stages });
  else printLines(context, stageTable(stages, wallUs, outPaint(context.terminal)));
  return success;
}

export function stageTable(stages: readonly Stage[], wallUs: number, paint: Paint): string[] {
  return formatTable<Stage>([
    { title: "SPAN", cell: ({ name }) => printable(name), paint: (text) => paint.bold(text) },
    { title: "COUNT", align: "right", cell: ({ count }) => String(count) },
    { title: "SELF", align: "right", cell: ({ selfUs }) => formatUs(selfUs) },
    { title: "SHARE", align: "right", cell: ({ selfUs }) => formatPercent(wallUs === 0 ? 0 : selfUs / wallUs) },
    { title: "TOTAL", align: "right", cell: ({ totalUs }) => formatUs(totalUs) },
  ], stages, paint);
}

/** Two traces, stage by stage, and what differs in what was asked and how it was answered. */
export async function diffTraces(context: Context, before: string, after: string): Promise<number> {
  const difference = compareTraces((await traceOf(context, before)).content, (await traceOf(context, after)).content);
  if (context.json) printJson(context, difference);
  else printLines(context, differenceLines(difference, outPaint(context.terminal)));
  return success;
}

export function differenceLines({ wallUs: [before, after], stages, facts }: TraceDifference, paint: Paint): string[] {
  const share = (stage: Stage | null, wallUs: number): string => (stage === null || wallUs === 0 ? "–" : formatPercent(stage.selfUs / wallUs));
  const time = (stage: Stage | null): string => (stage === null ? "–" : formatUs(stage.selfUs));
  const table = formatTable<StageDifference>([
    { title: "SPAN", cell: ({ name }) => printable(name), paint: (text) => paint.bold(text) },
    { title: "COUNT", align: "right", cell: (row) => `${row.before?.count ?? 0} → ${row.after?.count ?? 0}` },
    { title: "BEFORE", align: "right", cell: (row) => time(row.before) },
    { title: "SHARE", align: "right", cell: (row) => share(row.before, before) },
    { title: "AFTER", align: "right", cell: (row) => time(row.after) },
    { title: "SHARE", align: "right", cell: (row) => share(row.after, after) },
    { title: "DIFFERENCE", align: "right", cell: ({ differenceUs }) => signed(differenceUs), paint: (text, { differenceUs }) => (differenceUs > 0 ? paint.red(text) : text) },
  ], stages, paint);
  const differing = facts.length === 0 ? [] : ["", ...formatTable<FactDifference>([
    { title: "FACT", cell: ({ fact }) => printable(fact), paint: (text) => paint.bold(text) },
    { title: "BEFORE", cell: (row) => valueText(row.before) },
    { title: "AFTER", cell: (row) => valueText(row.after) },
  ], facts, paint)];
  return [`${paint.dim("wall time")} ${formatUs(before)} → ${formatUs(after)} (${signed(after - before)})`, "", ...table, ...differing];
}

const signed = (us: number): string => (us === 0 ? "±0 µs" : `${us > 0 ? "+" : "-"}${formatUs(Math.abs(us))}`);
const valueText = (value: unknown): string => (value === null ? "–" : printable(typeof value === "string" ? value : JSON.stringify(value)));
