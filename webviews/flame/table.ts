import { formatCount, formatDuration, formatPlural, formatShare } from "../shared/format.ts";
import type { Chart, Timeline } from "./chart.ts";
import { attributeLine } from "../../protocol/panels/flame-attributes.ts";
import { formatDifference, formatGrowth } from "./labels.ts";
import { sourceOf } from "./layout.ts";
import { sortStages, type Sort, type Stage } from "./stages.ts";
import { strings } from "./strings.ts";

/** A chart as a table: one row for each box, in the boxes' order. The second column is the name. */
export interface Table {
  readonly columns: readonly string[];
  readonly count: number;
  readonly cells: (index: number) => readonly string[];
  /** How far a name is to be indented. */
  readonly depth: (index: number) => number;
}

export function tableOf(chart: Chart, timeline: Timeline, wallUs: number): Table {
  const { layout } = chart;
  const name = (index: number) => layout.names[layout.name[index]!]!;
  const count = layout.count;
  switch (chart.mode) {
    case "time":
      return {
        count, depth: () => 0, columns: ["#", strings.span, strings.start, strings.duration, strings.share, strings.attributes],
        cells: (index) => {
          const length = layout.endUs[index]! - layout.startUs[index]!;
          return [
            formatCount(index + 1), name(index), formatDuration(layout.startUs[index]!), formatDuration(length), formatShare(length / wallUs),
            attributeLine(timeline.attributes, sourceOf(layout, index)),
          ];
        },
      };
    case "heavy": {
      const { spans, totalUs, selfUs } = chart.merged;
      return {
        count, depth: (index) => depthOf(chart, index), columns: ["#", strings.stack, strings.spans, strings.total, strings.self, strings.share],
        cells: (index) => [
          formatCount(index + 1), name(index), formatCount(spans[index]!), formatDuration(totalUs[index]!), formatDuration(selfUs[index]!), formatShare(totalUs[index]! / wallUs),
        ],
      };
    }
    case "sandwich": {
      const { spans, totalUs, selfUs } = chart.merged;
      return {
        count, depth: (index) => depthOf(chart, index), columns: ["#", strings.stack, strings.where, strings.spans, strings.total, strings.self, strings.share],
        cells: (index) => [
          formatCount(index + 1), name(index), strings.places[placeIn(chart, index)], formatCount(spans[index]!), formatDuration(totalUs[index]!),
          placeIn(chart, index) === "caller" ? "–" : formatDuration(selfUs[index]!), formatShare(totalUs[index]! / wallUs),
        ],
      };
    }
    case "compare": {
      const { beforeUs, afterUs, beforeSpans, afterSpans } = chart.difference;
      return {
        count, depth: (index) => depthOf(chart, index),
        columns: ["#", strings.stack, strings.before, strings.after, strings.difference, strings.change, strings.spansBefore, strings.spansAfter],
        cells: (index) => {
          const [before, after] = [beforeUs[index]!, afterUs[index]!];
          return [
            formatCount(index + 1), name(index), formatDuration(before), formatDuration(after), formatDifference(after - before),
            formatGrowth(before > 0 ? after / before - 1 : null), formatCount(beforeSpans[index]!), formatCount(afterSpans[index]!),
          ];
        },
      };
    }
  }
}

export function placeIn({ layout }: Chart, index: number): "caller" | "centre" | "callee" {
  const row = layout.row[index]!;
  return row === layout.rootRow ? "centre" : row < layout.rootRow ? "caller" : "callee";
}

function depthOf({ layout }: Chart, index: number): number {
  const row = layout.row[index]!;
  const first = layout.rows.findIndex(({ track }) => track === layout.rows[row]!.track);
  return layout.rootRow > 0 ? Math.abs(row - layout.rootRow) : row - first;
}

/** The stage table's lines, as copied. */
export function stageTable(stages: readonly Stage[], sort: Sort): Table {
  const sorted = sortStages(stages, sort);
  const { columns } = strings;
  return {
    columns: ["#", columns.name, columns.count, columns.totalUs, columns.share, columns.meanUs, columns.p50Us, columns.p95Us], count: sorted.length, depth: () => 0,
    cells: (index) => {
      const { name, count, totalUs, share, meanUs, p50Us, p95Us } = sorted[index]!;
      return [formatCount(index + 1), name, formatCount(count), formatDuration(totalUs), formatShare(share), formatDuration(meanUs), formatDuration(p50Us), formatDuration(p95Us)];
    },
  };
}

/** More rows than a spreadsheet or an issue takes gladly. */
export const mostCopied = 20_000;

export interface Copy {
  readonly text: string;
  readonly said: string;
}

/** The rows as text: tab-separated for spreadsheets, Markdown for issues. */
export function copyOf(table: Table, rows: ArrayLike<number>, format: "tsv" | "markdown"): Copy {
  const count = Math.min(rows.length, mostCopied);
  const lines = Array.from({ length: count }, (_, place) => {
    const index = rows[place]!;
    return table.cells(index).map((cell, column) => (column === 1 ? "  ".repeat(table.depth(index)) + cell : cell));
  });
  const text = format === "tsv"
    ? [table.columns, ...lines].map((cells) => cells.map(plain).join("\t")).join("\n")
    : [row(table.columns), `|${table.columns.map((_, column) => (column === 1 ? " :-- |" : " --: |")).join("")}`, ...lines.map(row)].join("\n");
  const said = formatPlural(count, "row");
  return { text: `${text}\n`, said: count < rows.length ? strings.copiedPart(said, formatCount(rows.length)) : strings.copied(said) };
}

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => plain(cell).replaceAll("\\", "\\\\").replaceAll("|", "\\|")).join(" | ")} |`;
/** A cell on one line: what breaks a row of either format is a space. A formula stays text. */
const plain = (cell: string): string => {
  const line = cell.replaceAll(/[\t\r\n]+/g, " ");
  return /^[=@]/.test(line) ? `'${line}` : line;
};

/** What is copied: what was picked, else what the search found, else what the view shows. */
export function rowsToCopy({ layout }: Chart, picked: readonly number[], found: Uint32Array | null, view: { readonly startUs: number; readonly endUs: number }): ArrayLike<number> {
  if (picked.length > 0) return picked;
  if (found !== null) return found;
  const rows: number[] = [];
  for (let index = 0; index < layout.count; index++) if (layout.startUs[index]! < view.endUs && layout.endUs[index]! > view.startUs) rows.push(index);
  return rows;
}
