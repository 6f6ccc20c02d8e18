import type { GraphComparison, GraphReport, GraphValue, NodeName } from "../../../protocol/graph.ts";
import type { Paint } from "./paint.ts";
import { formatTable } from "./table.ts";
import { formatBytes } from "./units.ts";

/** Rows of the longest tables; `--json` has all. */
const shown = 12;
const thousands = new Intl.NumberFormat("en");
const plural = (count: number, what: string): string => `${thousands.format(count)} ${what}${count === 1 ? "" : "s"}`;

/** An ONNX file for people: first what goes in and out, then what it is made of. */
export function graphLines(report: GraphReport, paint: Paint): string[] {
  const { operators, weights, types, graphs, files } = report;
  return [
    `${plural(report.nodes.length, "node")}, ${plural(report.parameters, "parameter")}, ${formatBytes(report.weightBytes)} of weights`,
    paint.dim(`written by ${report.producer || "an unnamed program"}; ${report.opsets.map(({ domain, version }) => `${domain} ${version}`).join(", ")}; format ${report.irVersion}`),
    ...Object.entries(report.metadata).slice(0, shown).map(([key, value]) => paint.dim(`${key}: ${oneLine(value)}`)),
    "", ...valueTable("INPUT", report.inputs, paint),
    "", ...valueTable("OUTPUT", report.outputs, paint),
    "", ...withRest(formatTable([
      { title: "OPERATOR", cell: ({ operator }) => operator },
      { title: "NODES", align: "right", cell: ({ count }) => thousands.format(count) },
    ], operators.slice(0, shown), paint), operators.length, paint),
    "", ...formatTable([
      { title: "TYPE", cell: ({ type }) => type },
      { title: "TENSORS", align: "right", cell: ({ tensors }) => thousands.format(tensors) },
      { title: "PARAMETERS", align: "right", cell: ({ parameters }) => thousands.format(parameters) },
      { title: "SIZE", align: "right", cell: ({ bytes }) => formatBytes(bytes) },
    ], types, paint),
    "", ...withRest(formatTable([
      { title: "LARGEST", cell: ({ name }) => name },
      { title: "TYPE", cell: ({ type }) => type },
      { title: "SHAPE", cell: ({ shape }) => shape.join(" × ") },
      { title: "SIZE", align: "right", cell: ({ bytes }) => formatBytes(bytes) },
    ], weights.slice(0, shown), paint), weights.length, paint),
    ...(graphs.length < 2 ? [] : ["", ...withRest(formatTable([
      { title: "SUB-GRAPH", cell: ({ path }) => path },
      { title: "NODES", align: "right", cell: ({ nodes }) => thousands.format(nodes) },
    ], graphs.slice(1, shown + 1), paint), graphs.length - 1, paint)]),
    ...(files.length === 0 ? [] : ["", ...formatTable<(typeof files)[number]>([
      { title: "WEIGHTS IN", cell: ({ name }) => name },
      { title: "SIZE", align: "right", cell: ({ bytes }) => (bytes === null ? "missing" : formatBytes(bytes)), paint: (text, { bytes }) => (bytes === null ? paint.red(text) : text) },
    ], files, paint)]),
  ];
}

const valueTable = (title: string, values: readonly GraphValue[], paint: Paint): string[] => formatTable([
  { title, cell: ({ name }) => name, paint: (text) => paint.bold(text) },
  { title: "TYPE", cell: ({ type }) => type },
  { title: "SHAPE", cell: ({ shape }) => (shape === null ? "any" : `[${shape.map((size) => size ?? "?").join(", ")}]`) },
], values, paint);

const withRest = (lines: string[], count: number, paint: Paint): string[] => (count > shown ? [...lines, paint.dim(`and ${count - shown} more`)] : lines);
const oneLine = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text).replaceAll(/\s+/g, " ");

/** Before and after side by side, then which nodes were taken together, alike ones counted. */
export function comparisonLines({ before, after, operators, unchanged, fusions, replaced, inserted, folded, removed }: GraphComparison, paint: Paint): string[] {
  const changed = operators.filter((row) => row.before !== row.after);
  return [
    `${plural(before, "node")} before, ${thousands.format(after)} after optimization; ${thousands.format(unchanged)} unchanged`,
    "", ...formatTable<(typeof operators)[number]>([
      { title: "OPERATOR", cell: ({ operator }) => operator },
      { title: "BEFORE", align: "right", cell: (row) => count(row.before) },
      { title: "AFTER", align: "right", cell: (row) => count(row.after), paint: (text, row) => (row.after > row.before ? paint.green(text) : text) },
    ], changed, paint),
    ...section("fused", grouped(fusions.map((fusion) => `${fusion.operator} ← ${fusion.took.map(({ operator }) => operator).join(" + ")}`)), paint),
    ...section("replaced", grouped(replaced.map((node) => `${node.operator} ← ${node.took.map(({ operator }) => operator).join(" + ")}`)), paint),
    ...section("inserted", grouped(inserted.map(operatorOf)), paint),
    ...section("computed beforehand", grouped(folded.map(operatorOf)), paint),
    ...section("not needed", grouped(removed.map(operatorOf)), paint),
  ];
}

const count = (value: number): string => (value === 0 ? "–" : thousands.format(value));
const operatorOf = ({ operator }: NodeName): string => operator;

function grouped(texts: readonly string[]): [text: string, count: number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function section(title: string, groups: readonly [text: string, count: number][], paint: Paint): string[] {
  if (groups.length === 0) return [];
  const width = Math.max(...groups.slice(0, shown).map(([, times]) => thousands.format(times).length));
  const lines = groups.slice(0, shown).map(([text, times]) => `  ${thousands.format(times).padStart(width)} × ${text}`);
  return ["", paint.bold(title), ...withRest(lines, groups.length, paint)];
}
