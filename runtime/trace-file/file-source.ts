import { open } from "node:fs/promises";
import { InfernoError } from "../../protocol/errors.ts";
import type { ByteSource } from "../../protocol/trace-file/byte-source.ts";

/** Reads a file in part while `use` runs. Throws `trace_file_missing`. */
export async function withFile<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const file = await open(path, "r").catch((cause: unknown) => missing(path, cause));
  try {
    const about = await file.stat();
    if (!about.isFile()) missing(path, new Error("it is no file"));
    return await use({
      size: about.size,
      read: async (offset, length) => {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, about.size - offset)));
        let read = 0;
        while (read < bytes.length) {
          const { bytesRead } = await file.read(bytes, read, bytes.length - read, offset + read);
          if (bytesRead === 0) break;
          read += bytesRead;
        }
        return bytes.subarray(0, read);
      },
    });
  } finally {
    await file.close();
  }
}

function missing(path: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new InfernoError("trace_file_missing", `The trace file ${path} cannot be read: ${reason}.`, { cause });
}
