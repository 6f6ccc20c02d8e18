import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { InfernoError } from "../../../protocol/errors.ts";
import { contentOf } from "../../../protocol/trace-file/request-trace.ts";
import { withTokens } from "../../../protocol/trace-file/token-tables.ts";
import type { WholeTrace } from "../../../protocol/trace-file/whole.ts";
import { readTraceFile } from "../../trace-file/read.ts";
import { withDaemon } from "../connect.ts";
import type { Context } from "../context.ts";
import { printable } from "../format/printable.ts";
import { errPaint } from "../terminal.ts";

export interface FoundTrace {
  /** The id, or the file's name. */
  readonly name: string;
  readonly content: WholeTrace;
}

/** The trace that a person means: `latest`, an id, or a file of any known format. What had to be put right in a file is said on stderr. */
export async function traceOf(context: Context, asked: string): Promise<FoundTrace> {
  const path = resolve(context.terminal.cwd, asked);
  if (asked !== "latest" && (existsSync(path) || /[./\\]/.test(asked))) {
    const content = await readTraceFile(path);
    say(context, [...content.meta.notes, ...content.repairs.map(({ what }) => what)]);
    return { name: basename(path), content };
  }
  return await withDaemon(context, undefined, async (client) => {
    const id = asked === "latest" ? (await client.call("traces", { query: { limit: 1 } })).traces[0]?.id : asked;
    if (id === undefined) throw new InfernoError("trace_not_found", "There is no trace yet.", { hint: "Every request leaves one: `inferno run ember`." });
    const trace = contentOf(await client.call("trace", { params: { id } }));
    say(context, trace.meta.notes);
    return { name: id, content: { ...withTokens(trace, await client.call("traceTokens", { params: { id } })), repairs: [] } };
  });
}

function say({ terminal }: Context, notes: readonly string[]): void {
  const paint = errPaint(terminal);
  for (const note of notes) terminal.stderr.write(`${paint.dim("note:")} ${printable(note)}\n`);
}
