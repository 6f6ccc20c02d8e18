import { appendFileSync, renameSync, statSync } from "node:fs";
import { pino, type Logger } from "pino";
import type { InfernoError } from "../../protocol/errors.ts";

/**
 * The daemon's log: this file and the one before it, each of `limitBytes` at most. Written at once, so that the last line before a crash
 * is there; the daemon logs some lines per request at most.
 */
export function fileLogger(path: string, limitBytes = 4 * 1024 * 1024): Logger {
  let size = sizeOf(path);
  return pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, {
    write: (line: string) => {
      try {
        if (size + line.length > limitBytes) {
          renameSync(path, `${path}.1`);
          size = 0;
        }
        appendFileSync(path, line, { mode: 0o600 });
        size += line.length;
      } catch {
        // A full disk must not take the answers with it.
      }
    },
  });
}

/** Under `err`, the one key under which pino writes out an error's stack and those of its causes; of an Error under another it leaves `{}`. */
export function logFailure(log: Logger, error: InfernoError): void {
  log.error({ code: error.code, err: error }, error.message);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
