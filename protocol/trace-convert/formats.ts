import { InfernoError } from "../errors.ts";
import { memorySource } from "../trace-file/byte-source.ts";
import { magic } from "../trace-file/chunk.ts";
import type { TraceContent } from "../trace-file/content.ts";
import type { Deflate } from "../trace-file/deflate.ts";
import { contentOf } from "../trace-file/request-trace.ts";
import { readWhole, type WholeTrace } from "../trace-file/whole.ts";
import { repairSpans } from "../trace-file/repair-spans.ts";
import { Trace } from "../trace.ts";
import { fromChrome, toChrome } from "./chrome.ts";
import { fromCpuProfile, toCpuProfile } from "./cpuprofile.ts";
import { checked } from "./foreign.ts";
import type { ExportFormat } from "./format-names.ts";
import { fromOtlp, toOtlp } from "./otlp.ts";
import { fromSpeedscope, toSpeedscope } from "./speedscope.ts";

/** Pure: the same trace gives the same text. */
export const exporters: Readonly<Record<ExportFormat, (content: TraceContent) => string>> = { chrome: toChrome, speedscope: toSpeedscope, cpuprofile: toCpuProfile, otlp: toOtlp };

/** A file of any format that is known, told by its content. Throws `trace_file_invalid`, `trace_file_newer` or `trace_file_too_large`. */
export async function importTrace(bytes: Uint8Array, options: { readonly deflate?: Deflate; readonly most?: number } = {}): Promise<WholeTrace> {
  if (bytes[0] === magic[0]) return await readWhole(memorySource(bytes), options);
  const content = importJson(jsonOf(bytes));
  const { most = 2_000_000 } = options;
  if (content.spans.length > most) throw new InfernoError("trace_file_too_large", `The trace has more than ${most} spans, too many to hold at once.`);
  const { spans, changes } = repairSpans(content.spans, content.tracks);
  return { ...content, spans, repairs: changes.map((what) => ({ offset: null, what })) };
}

function jsonOf(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InfernoError("trace_file_invalid", "This is no trace file: it is neither of Inferno's format nor UTF-8 text.", { cause, hint });
  }
  if (text.trim() === "") throw new InfernoError("trace_file_invalid", "This is no trace file: it is empty.", { hint });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InfernoError("trace_file_invalid", `This is no trace file: it is neither of Inferno's format nor JSON (${cause instanceof Error ? cause.message : String(cause)}).`, { cause, hint });
  }
}

const hint = "Known are .inferno-trace, Chrome trace JSON, speedscope, .cpuprofile, OTLP JSON, and a trace as the daemon gives it.";

/** By the keys that no other format has. */
function importJson(value: unknown): TraceContent {
  const has = (key: string): boolean => typeof value === "object" && value !== null && Object.hasOwn(value, key);
  if (Array.isArray(value) || has("traceEvents")) return fromChrome(value);
  if (has("resourceSpans")) return fromOtlp(value);
  if (has("shared") || has("profiles")) return fromSpeedscope(value);
  if (has("nodes") && has("samples")) return fromCpuProfile(value);
  if (has("spans") && has("promptTokens")) return contentOf(checked(Trace, value, "trace of Inferno"));
  const keys = typeof value === "object" && value !== null ? Object.keys(value).slice(0, 5).join(", ") : typeof value;
  throw new InfernoError("trace_file_invalid", `This JSON is no trace that Inferno knows: ${keys === "" ? "it has no keys" : `it has ${keys.slice(0, 200)}`}.`, { hint });
}
