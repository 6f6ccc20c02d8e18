import { InfernoError } from "../../protocol/errors.ts";
import { importTrace } from "../../protocol/trace-convert/formats.ts";
import { magic } from "../../protocol/trace-file/chunk.ts";
import { readWhole, type WholeTrace } from "../../protocol/trace-file/whole.ts";
import { withFile } from "./file-source.ts";
import { zlibDeflate } from "./zlib-deflate.ts";

/** A JSON text of this size takes some gigabytes once parsed. */
const jsonLimit = 256 * 1024 * 1024;

/** A trace file of any format that is known. Throws `trace_file_missing`, `trace_file_invalid`, `trace_file_newer` or `trace_file_too_large`. */
export async function readTraceFile(path: string): Promise<WholeTrace> {
  return await withFile(path, async (source) => {
    try {
      const [first] = await source.read(0, 1);
      if (first === magic[0]) return await readWhole(source, { deflate: zlibDeflate });
      if (source.size > jsonLimit) throw new InfernoError("trace_file_too_large", `It has ${source.size} bytes, and JSON is read up to ${jsonLimit}.`);
      return await importTrace(await source.read(0, source.size));
    } catch (error) {
      if (!(error instanceof InfernoError)) throw error;
      throw new InfernoError(error.code, `${path}: ${error.message}`, { hint: error.hint, cause: error });
    }
  });
}
