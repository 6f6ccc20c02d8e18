import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";

/** What the checks see of the machine; a test gives another one. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cpuModel: string;
  /** Logical processors this process may use. */
  readonly processors: number;
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  exists(path: string): boolean;
  /** Names in a folder; none when it does not exist or may not be read. */
  list(folder: string): string[];
  /** Text of a file as Latin-1, so that binary files can be searched for names; empty when it cannot be read. */
  read(path: string): string;
  /** Where a link points; empty when it is none. */
  link(path: string): string;
  /** When a file, or the names in a folder, changed last; 0 when it does not exist. */
  modifiedMs(path: string): number;
}

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    env: process.env,
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    exists: existsSync,
    list: (folder) => orElse([], () => readdirSync(folder)),
    read: (path) => orElse("", () => readFileSync(path, "latin1")),
    link: (path) => orElse("", () => readlinkSync(path)),
    modifiedMs: (path) => orElse(0, () => statSync(path).mtimeMs),
  };
}

function orElse<T>(fallback: T, ask: () => T): T {
  try {
    return ask();
  } catch {
    return fallback; // Absent or not ours to read: for a diagnosis that is an answer.
  }
}
