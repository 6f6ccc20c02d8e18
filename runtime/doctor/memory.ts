import type { Machine } from "./machine.ts";

/**
 * Memory that programs can still get. What Node calls free leaves out the page cache on Linux, which is given back on demand;
 * and a container may be allowed less than the machine has.
 */
export function availableMemory(machine: Machine): { readonly totalBytes: number; readonly freeBytes: number; readonly limited: boolean } {
  const { totalBytes, freeBytes } = machine.memory;
  const available = /^MemAvailable:\s*(\d+) kB$/m.exec(machine.read("/proc/meminfo"))?.[1];
  const free = available === undefined ? freeBytes : Number(available) * 1024;
  const limit = Number.parseInt(machine.read("/sys/fs/cgroup/memory.max"), 10);
  const used = Number.parseInt(machine.read("/sys/fs/cgroup/memory.current"), 10);
  if (!Number.isFinite(limit) || !Number.isFinite(used) || limit >= totalBytes) return { totalBytes, freeBytes: free, limited: false };
  return { totalBytes: limit, freeBytes: Math.min(free, Math.max(0, limit - used)), limited: true };
}
