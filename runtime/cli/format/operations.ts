import { significant } from "../../../base/format-bytes.ts";
import type { OperationRow, OperationsReport } from "../operations-report.ts";
import type { Paint } from "./paint.ts";
import { formatTable } from "./table.ts";
import { formatPercent, formatUs } from "./units.ts";

export function operationLines(report: OperationsReport, paint: Paint): string[] {
  const { steps, cutAt, operators, layers } = report;
  return [
    ...table("OPERATOR", operators, paint),
    "",
    ...table("LAYER", layers, paint),
    "",
    limitsLine(report),
    overheadLine(report),
    ...(steps.batch > 1 ? [`${steps.batch} sequences were in the first of these steps: the operations are those of all of them.`] : []),
    ...(cutAt === null ? [] : [`The trace was full at ${cutAt} operations; later steps were not recorded. Ask for fewer: --steps 4-7.`]),
  ];
}

const table = (title: string, rows: readonly OperationRow[], paint: Paint): string[] => formatTable<OperationRow>([
  { title, cell: ({ name }) => name, paint: (text) => paint.bold(text) },
  { title: "A STEP", align: "right", cell: ({ count }) => significant(count) },
  { title: "TIME", align: "right", cell: ({ us }) => formatUs(us) },
  { title: "SHARE", align: "right", cell: ({ share }) => formatPercent(share) },
  { title: "GB/S", align: "right", cell: ({ gbPerS }) => significant(gbPerS) },
  { title: "GFLOP/S", align: "right", cell: ({ gflopPerS }) => (gflopPerS === null ? "–" : significant(gflopPerS)) },
  { title: "OF LIMIT", cell: ({ ofLimit }) => (ofLimit === null ? "–" : `${formatPercent(ofLimit.share)} of ${ofLimit.by}`) },
], rows, paint);

function limitsLine({ limits }: OperationsReport): string {
  if (limits === null) return "This machine's limits are not known: there was no memory to measure them.";
  const { gbPerS, gflopPerS, threads, device, disturbed } = limits;
  return `Limits of ${device} with ${threads} ${threads === 1 ? "thread" : "threads"}, measured: ${significant(gbPerS)} GB/s, ${significant(gflopPerS)} GFLOP/s${disturbed ? ", while other programs were busy: it can do more" : ""}.`;
}

function overheadLine({ steps, stepUs, instrument: { perStepUs, perOperationUs, operations } }: OperationsReport): string {
  const { profiled, unprofiled } = stepUs;
  const compared = unprofiled === null
    ? "no step alike ran unrecorded"
    : `${formatUs(unprofiled)} unrecorded (median of ${steps.unprofiled})`;
  return `A recorded step took ${formatUs(profiled)} (median of ${steps.profiled}), ${compared}. The instrument's part: ${formatUs(perStepUs)} for ${operations} operations, of which ${perOperationUs.toFixed(1)} µs inside each (taken off above).`;
}
