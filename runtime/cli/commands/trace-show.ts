import { tracesOf } from "../../../protocol/trace-file/request-trace.ts";
import type { WholeTrace } from "../../../protocol/trace-file/whole.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import { printable } from "../format/printable.ts";
import { formatTrace, spanTree } from "../format/trace-tree.ts";
import { formatUs } from "../format/units.ts";
import { extentUs } from "../../../protocol/trace-file/stages.ts";
import type { Paint } from "../format/paint.ts";
import { outPaint } from "../terminal.ts";
import { traceOf } from "./trace-of.ts";

export interface ShowOptions {
  /** Every span on a line of its own. */
  readonly all?: boolean | undefined;
}

/** One trace as a tree. With `--json` a request's trace is what the API gives, and an import what the file holds. */
export async function showTrace(context: Context, asked: string, { all = false }: ShowOptions): Promise<number> {
  const { content } = await traceOf(context, asked);
  if (context.json) {
    const [only, ...others] = tracesOf(content);
    printJson(context, only !== undefined && others.length === 0 ? only : content);
    return success;
  }
  printLines(context, contentLines(content, all, outPaint(context.terminal)));
  return success;
}

export function contentLines(content: WholeTrace, all: boolean, paint: Paint): string[] {
  const requests = tracesOf(content).map((trace) => formatTrace(trace, { all, paint }));
  const others = content.tracks.filter(({ request }) => request === null).flatMap(({ id, name }) => {
    const spans = content.spans.filter(({ track }) => track === id);
    return spans.length === 0 ? [] : [[paint.bold(printable(name)), ...spanTree(spans, { all, paint })]];
  });
  const facts = requests.length > 0 ? [] : [[
    `${paint.dim("title     ")} ${printable(content.meta.title)}`, `${paint.dim("format    ")} ${printable(content.meta.source)}`,
    ...(content.meta.startedAt === null ? [] : [`${paint.dim("started   ")} ${printable(content.meta.startedAt)}`]),
    `${paint.dim("wall time ")} ${formatUs(extentUs(content.spans))}`, `${paint.dim("spans     ")} ${content.spans.length} in ${content.tracks.length} tracks`,
  ]];
  return [...facts, ...requests, ...others].flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]));
}
