import type { TraceSummary } from "../../../protocol/trace.ts";
import { withDaemon } from "../connect.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import type { Paint } from "../format/paint.ts";
import { formatTable } from "../format/table.ts";
import { formatAgo, formatRate, formatUs } from "../format/units.ts";
import { outPaint } from "../terminal.ts";

export interface ListOptions {
  readonly limit?: number | undefined;
  readonly model?: string | undefined;
  readonly status?: TraceSummary["status"] | undefined;
  /** Milliseconds. */
  readonly minDuration?: number | undefined;
}

/** The most that the daemon lists at once: a filter chooses among these. */
const mostListed = 1000;

export async function listTraces(context: Context, { limit = 20, model, status, minDuration }: ListOptions): Promise<number> {
  const filters = [model, status, minDuration].some((filter) => filter !== undefined);
  const { traces } = await withDaemon(context, undefined, async (client) => await client.call("traces", { query: { limit: filters ? mostListed : limit } }));
  const fits = (trace: TraceSummary): boolean =>
    (model === undefined || trace.model === model) && (status === undefined || trace.status === status) && (minDuration === undefined || trace.durationUs >= minDuration * 1000);
  const chosen = traces.filter(fits).slice(0, limit);
  if (context.json) printJson(context, { traces: chosen });
  else if (filters && chosen.length === 0 && traces.length > 0) printLines(context, [`None of the latest ${traces.length} traces fits.`]);
  else printLines(context, traceTable(chosen, Date.now(), outPaint(context.terminal)));
  return success;
}

export function traceTable(traces: readonly TraceSummary[], nowMs: number, paint: Paint): string[] {
  if (traces.length === 0) return [paint.dim("No traces yet: every request leaves one.")];
  return formatTable<TraceSummary>([
    { title: "TRACE", cell: ({ id }) => id, paint: (text) => paint.bold(text) },
    { title: "STARTED", align: "right", cell: ({ startedAt }) => formatAgo(Date.parse(startedAt), nowMs) },
    { title: "MODEL", cell: ({ model }) => model },
    { title: "STATUS", cell: ({ status, errorCode }) => errorCode ?? status, paint: (text, { status }) => (status === "error" ? paint.red(text) : text) },
    { title: "TIME", align: "right", cell: ({ durationUs }) => formatUs(durationUs) },
    { title: "TTFT", align: "right", cell: ({ ttftUs }) => (ttftUs === null ? "–" : formatUs(ttftUs)) },
    { title: "RATE", align: "right", cell: ({ tokensPerSecond }) => formatRate(tokensPerSecond) },
    { title: "TOKENS", align: "right", cell: ({ promptTokens, completionTokens }) => `${promptTokens} + ${completionTokens}` },
  ], traces, paint);
}
