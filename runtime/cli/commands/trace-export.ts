import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { InfernoError } from "../../../protocol/errors.ts";
import { fileEnds, type ExportFormat } from "../../../protocol/trace-convert/format-names.ts";
import { exporters } from "../../../protocol/trace-convert/formats.ts";
import type { TraceContent } from "../../../protocol/trace-file/content.ts";
import { redact } from "../../../protocol/trace-file/redact.ts";
import { encodeWhole } from "../../../protocol/trace-file/whole.ts";
import { zlibDeflate } from "../../trace-file/zlib-deflate.ts";
import { printJson, printLines, success, type Context } from "../context.ts";
import { formatBytes } from "../format/units.ts";
import { traceOf } from "./trace-of.ts";

export interface ExportOptions {
  readonly format?: ExportFormat | "inferno" | undefined;
  readonly out?: string | undefined;
  readonly redact?: boolean | undefined;
  readonly force?: boolean | undefined;
}

/** Writes a trace to a file, in Inferno's own format or another program's. */
export async function exportTrace(context: Context, asked: string, { format = "inferno", out, redact: redacted = false, force = false }: ExportOptions): Promise<number> {
  const { name, content } = await traceOf(context, asked);
  const chosen: TraceContent = redacted ? redact(content) : content;
  const bytes = format === "inferno" ? await encodeWhole(chosen, { deflate: zlibDeflate }) : new TextEncoder().encode(exporters[format](chosen));
  const file = resolve(context.terminal.cwd, out ?? `${name.replace(/\.(?:inferno-trace|json|cpuprofile)$/, "")}${redacted ? ".redacted" : ""}${format === "inferno" ? ".inferno-trace" : fileEnds[format]}`);
  await write(file, bytes, force);
  if (context.json) printJson(context, { file, format, bytes: bytes.length, redacted });
  else printLines(context, [`${file}  ${formatBytes(bytes.length)}`]);
  return success;
}

async function write(file: string, bytes: Uint8Array, force: boolean): Promise<void> {
  try {
    // Prompts are nobody else's business.
    await writeFile(file, bytes, { flag: force ? "w" : "wx", mode: 0o600 });
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    if (isThere) throw new InfernoError("usage", `${file} is there already.`, { hint: "Name another file with `--out`, or pass `--force` to replace it." });
    throw new InfernoError("trace_file_unwritable", `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
