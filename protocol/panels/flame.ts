import { z } from "zod";
import { ErrorBody } from "../errors.ts";
import { Trace, TraceSummary } from "../trace.ts";
import { Columns, FilePart } from "./flame-file.ts";

/** Messages of the Flame panel, named by direction. */

export const FromFlame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("list") }),
  /** `compare` opens it beside the trace that is shown. */
  z.object({ type: z.literal("open"), traceId: z.string(), compare: z.boolean() }),
  /** Which part of a file is looked at: spans that were left out of what was read may be wanted now. */
  z.object({ type: z.literal("window"), fromUs: z.number(), toUs: z.number() }),
  /** Shows the trace's tokens. */
  z.object({ type: z.literal("tokens"), traceId: z.string() }),
  /** Text for the clipboard, which a page inside the editor may not write to itself. */
  z.object({ type: z.literal("copy"), text: z.string() }),
]);
export type FromFlame = z.infer<typeof FromFlame>;

export const ToFlame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("traces"), traces: z.array(TraceSummary) }),
  /** `atUs` is a moment to look at: the decode step there. */
  z.object({ type: z.literal("trace"), trace: Trace, compare: z.boolean(), atUs: z.number().nullable() }),
  z.object({ type: z.literal("file"), trace: Trace.omit({ spans: true }), columns: Columns, file: FilePart }),
  z.object({ type: z.literal("failed"), error: ErrorBody }),
]);
export type ToFlame = z.infer<typeof ToFlame>;
