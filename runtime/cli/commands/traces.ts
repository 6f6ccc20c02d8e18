import type { TraceSummary } from "../../../protocol/trace.ts";
import { withDaemon } from "../connect.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import type { Paint } from "../format/paint.ts";
import { formatTable } from "../format/table.ts";
import { formatTrace } from "../format/trace-tree.ts";
import { formatAgo, formatRate, formatUs } from "../format/units.ts";
import { outPaint } from "../terminal.ts";

export interface TracesOptions {
  readonly limit?: number | undefined;
  /** Every span on a line of its own. */
  readonly all?: boolean | undefined;
}

/** The latest traces, or one trace as a tree. `latest` stands for the newest id. */
export async function traces(context: Context, id: string | undefined, options: TracesOptions): Promise<number> {
  const paint = outPaint(context.terminal);
  await withDaemon(context, undefined, async (client) => {
    if (id !== undefined) {
      const newest = id === "latest" ? (await client.call("traces", { query: { limit: 1 } })).traces[0]?.id : undefined;
      const trace = await client.call("trace", { params: { id: newest ?? id } });
      if (context.json) printJson(context, trace);
      else printLines(context, formatTrace(trace, { all: options.all ?? false, paint }));
      return;
    }
    const list = await client.call("traces", { query: { limit: options.limit ?? 20 } });
    if (context.json) printJson(context, list);
    else printLines(context, traceTable(list.traces, Date.now(), paint));
  });
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
