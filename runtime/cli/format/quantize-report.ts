import type { QuantizeReport } from "../../quantize/quantize.ts";
import type { PruneOutcome } from "../../quantize/prune-model.ts";
import type { WeightForm, WeightNote } from "../../quantize/rewriting.ts";
import type { Paint } from "./paint.ts";
import { formatTable } from "./table.ts";
import { formatBytes, formatPercent, formatUs } from "./units.ts";

/** What weights of a usual distribution lose is well below this. */
const muchLoss: Readonly<Record<WeightForm, number>> = { int8: 0.03, "int8 rows": 0.03, int4: 0.15, fp16: 0.002, fp32: 0 };
const mostListed = 10;

export const quantizesBadly = ({ form, loss, overflowed = 0 }: WeightNote): boolean => loss.relative > muchLoss[form] || overflowed > 0;

export function quantizeLines(report: QuantizeReport, paint: Paint): string[] {
  const { source, target, weights, skipped, reduceRange, pruned, inputs, comparison } = report;
  const bad = weights.filter(quantizesBadly);
  const { ms, speedup } = comparison;
  return [
    `${paint.green(target.path)}  ${formatBytes(target.bytes)}, ${formatPercent(target.bytes / source.bytes)} of the original's ${formatBytes(source.bytes)}`,
    `${weights.length} weights rewritten${skipped.length === 0 ? "" : `, ${skipped.length} nodes left as they are`}`,
    ...(weights.length === 0 && pruned === null ? [paint.yellow("Nothing was there to rewrite: the file computes what the original does.")] : []),
    ...(reduceRange === true ? [paint.dim("Weights have 7 of 8 bits, for sums on processors without VNNI saturate otherwise; --no-reduce-range gives all 8.")] : []),
    ...(pruned === null ? [] : ["", ...pruneLines(pruned, paint)]),
    "",
    ...formatTable([
      { title: "OUTPUT", cell: ({ output }) => output },
      { title: "COSINE", align: "right", cell: ({ cosine }) => cosine.toFixed(6) },
      { title: "LARGEST ERROR", align: "right", cell: ({ largest }) => largest?.toPrecision(3) ?? "not finite" },
      { title: "OF LARGEST VALUE", align: "right", cell: ({ relative }) => (relative === null ? "–" : formatPercent(relative)) },
    ], comparison.outputs, paint),
    "",
    `Speed: ${formatUs(ms.original * 1000)} → ${formatUs(ms.rewritten * 1000)}, ${speedup.toFixed(2)} times as fast (medians, in turn)`,
    ...(inputs.from === "file" ? [] : [paint.dim("The inputs are made up from the shapes that the graph declares. Real ones say more: --calibrate FILE.")]),
    ...(bad.length === 0 ? [] : ["", "These weights lose much; --keep PATTERN leaves them as they are:", ...badLines(bad, paint)]),
    ...(skipped.length === 0 ? [] : ["", "Left as they are:", ...shortened(skipped.map(({ node, reason }) => `  ${node}: ${reason}`), paint)]),
  ];
}

const badLines = (weights: readonly WeightNote[], paint: Paint): string[] => formatTable([
  { title: "WEIGHT", cell: ({ weight }) => weight },
  { title: "FORM", cell: ({ form }) => form },
  { title: "LOSS", align: "right", cell: ({ loss }) => formatPercent(loss.relative) },
  { title: "OVERFLOWS", align: "right", cell: ({ overflowed }) => (overflowed === undefined ? "–" : String(overflowed)) },
], weights.toSorted((a, b) => b.loss.relative - a.loss.relative).slice(0, mostListed), paint);

function shortened(lines: readonly string[], paint: Paint): string[] {
  const rest = lines.length - mostListed;
  return rest <= 0 ? [...lines] : [...lines.slice(0, mostListed), paint.dim(`  and ${rest} more (--json lists all)`)];
}

const pruneLines = ({ networks, rankedBy }: PruneOutcome, paint: Paint): string[] => [
  `Channels ranked by ${rankedBy}; each network's cosine is that of the outputs when it alone is pruned:`,
  ...formatTable([
    { title: "NETWORK", cell: ({ name }) => name },
    { title: "CHANNELS", align: "right", cell: ({ channels, kept }) => `${channels} → ${kept}` },
    { title: "LOST", align: "right", cell: ({ lost }) => formatPercent(lost) },
    { title: "COSINE", align: "right", cell: ({ sensitivity }) => (sensitivity === null ? "–" : sensitivity.cosine.toFixed(6)) },
  ], networks, paint),
];
