import { readFileSync } from "node:fs";

/**
 * Memory of these processes in bytes without the pages of `file` (the mapped model), each shared page counted by its share (Linux' PSS).
 * Pages of a program's own code count: they are there because of it.
 */
export function memoryWithout(pids: readonly number[], file: string): number {
  return pids.reduce((total, pid) => total + mappingBytes(readFileSync(`/proc/${pid}/smaps`, "utf8"), file), 0);
}

/** `smaps`: for each mapping a line with its address and file, then lines of figures. */
export function mappingBytes(smaps: string, without: string): number {
  let skipped = false;
  let kib = 0;
  for (const line of smaps.split("\n")) {
    const mapping = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)$/.exec(line);
    if (mapping !== null) skipped = mapping[1] === without;
    else if (!skipped) kib += Number(/^Pss:\s+(\d+) kB$/.exec(line)?.[1] ?? 0);
  }
  return kib * 1024;
}
