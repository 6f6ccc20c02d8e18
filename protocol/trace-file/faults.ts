import { InfernoError } from "../errors.ts";

/** A chunk that cannot be read; the offset is the chunk's. */
export function invalidFile(offset: number, what: string, cause?: unknown): InfernoError {
  return new InfernoError("trace_file_invalid", `The trace file's chunk at byte ${offset} is damaged: ${what}.`, { cause });
}

export function notTraceFile(what: string): InfernoError {
  return new InfernoError("trace_file_invalid", `This is not a trace file of Inferno: ${what}.`, { hint: "Files of Inferno begin with the bytes 89 49 4E 46 54 0D 0A 1A; docs/reference/trace-format.md lists what can be imported." });
}

/** Something in the file that was put right or left out; the rest was read. */
export interface Repair {
  /** Where in the file; null when it is about the whole. */
  readonly offset: number | null;
  readonly what: string;
}
