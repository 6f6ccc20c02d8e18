import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

/** Where the figures come from; a test gives another source. */
export interface MemorySource {
  readonly totalBytes: number;
  /** What the runtime calls available, for systems without /proc. */
  readonly availableBytes: number;
  /** Text of a file; empty when it cannot be read. */
  readonly read: (path: string) => string;
}

export interface AvailableMemory {
  /** Of the machine, or of the control group that allows less. */
  readonly totalBytes: number;
  /** What programs can still get, page cache included: the system gives that back on demand. */
  readonly freeBytes: number;
  /** A control group allows less than the machine has. */
  readonly limited: boolean;
}

export function thisMachinesMemory(): AvailableMemory {
  return availableMemory({
    totalBytes: totalmem(),
    availableBytes: process.availableMemory(),
    read: (path) => {
      try {
        return readFileSync(path, "latin1");
      } catch {
        return ""; // Another system, or not ours to read: then this source says nothing.
      }
    },
  });
}

/** What programs can still get now: the kernel's own estimate, and what each control group above this process leaves. */
export function availableMemory({ totalBytes, availableBytes, read }: MemorySource): AvailableMemory {
  const machine = kilobytes(read("/proc/meminfo"), "MemAvailable") ?? availableBytes;
  const groups = controlGroups(read).filter(({ limit }) => limit < totalBytes);
  return {
    totalBytes: Math.min(totalBytes, ...groups.map(({ limit }) => limit)),
    freeBytes: Math.max(0, Math.min(machine, ...groups.map(({ limit, used }) => limit - used))),
    limited: groups.length > 0,
  };
}

interface GroupMemory {
  readonly limit: number;
  readonly used: number;
}

/** Version 2 has one tree, version 1 one for memory alone; which a machine has shows in which files are there. */
const versions = [
  { line: /^0::(\/.*)$/m, root: "/sys/fs/cgroup", limit: "memory.max", used: "memory.current", cache: /^(?:in)?active_file (\d+)$/gm },
  {
    line: /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m, root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes",
    cache: /^total_(?:in)?active_file (\d+)$/gm,
  },
] as const;

function controlGroups(read: (path: string) => string): GroupMemory[] {
  const membership = read("/proc/self/cgroup");
  return versions.flatMap(({ line, root, limit, used, cache }) => {
    // In a container the path may be the host's, which is not visible here; the root then is the container's own group.
    const path = line.exec(membership)?.[1] ?? "/";
    return selfAndAncestors(path).flatMap((group) => {
      const folder = `${root}${group === "/" ? "" : group}`;
      // "max", or a missing file, is no number: no limit.
      const allowed = Number.parseInt(read(`${folder}/${limit}`), 10);
      const charged = Number.parseInt(read(`${folder}/${used}`), 10);
      if (!Number.isFinite(allowed) || !Number.isFinite(charged)) return [];
      const reclaimable = [...read(`${folder}/memory.stat`).matchAll(cache)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
      return [{ limit: allowed, used: Math.max(0, charged - reclaimable) }];
    });
  });
}

function selfAndAncestors(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return [...parts.map((_, index) => `/${parts.slice(0, parts.length - index).join("/")}`), "/"];
}

/** A field of /proc/meminfo or of a smaps file, in bytes. */
export function kilobytes(text: string, field: string): number | undefined {
  const found = new RegExp(String.raw`^${field}:\s*(\d+) kB$`, "m").exec(text)?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
}
