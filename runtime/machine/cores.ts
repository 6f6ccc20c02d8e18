import type { ReadText } from "./read-text.ts";

export interface CoreSource {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Logical processors that this process may use, as the runtime counts them. */
  readonly available: number;
  readonly read: ReadText;
}

/** Cores that this process may keep busy: physical ones, no more than it is allowed to run on, and no more than its quota pays for. */
export function usableCores(source: CoreSource): number {
  const quota = source.platform === "linux" ? cpuQuota(source.read) : null;
  // Half a processor more than the quota would be stopped for half of every period, with all other threads spinning for it.
  return Math.max(1, Math.min(physicalCores(source), Math.floor(quota ?? Number.POSITIVE_INFINITY)));
}

function physicalCores({ platform, arch, available, read }: CoreSource): number {
  if (platform === "linux") {
    const allowed = allowedProcessors(read);
    const cores = new Set<string>();
    for (let index = 0; ; index += 1) {
      const siblings = read(`/sys/devices/system/cpu/cpu${index}/topology/thread_siblings_list`).trim();
      if (siblings === "") break;
      if (allowed === null || allowed.has(index)) cores.add(siblings);
    }
    return cores.size === 0 ? available : Math.min(cores.size, available);
  }
  // Apple's and other arm processors run one thread a core; x64 desktops elsewhere nearly always run two.
  return arch === "x64" ? Math.max(1, Math.floor(available / 2)) : available;
}

/** Processors that the affinity mask allows; null where the system does not tell. */
export function allowedProcessors(read: ReadText): ReadonlySet<number> | null {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(read("/proc/self/status"))?.[1];
  if (list === undefined) return null;
  const processors = new Set<number>();
  for (const range of list.split(",")) {
    const [first = 0, last = first] = range.split("-").map(Number);
    for (let index = first; index <= last; index += 1) processors.add(index);
  }
  return processors;
}

/** Processors' worth of time that the control groups above this process allow; null for no limit. */
export function cpuQuota(read: ReadText): number | null {
  const membership = read("/proc/self/cgroup");
  const unified = groupFolders("/sys/fs/cgroup", /^0::(\/.*)$/m.exec(membership)?.[1])
    .map((folder) => read(`${folder}/cpu.max`).trim().split(" ").map(Number));
  const old = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"]
    .flatMap((root) => groupFolders(root, /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(\/.*)$/m.exec(membership)?.[1]))
    .map((folder) => [read(`${folder}/cpu.cfs_quota_us`), read(`${folder}/cpu.cfs_period_us`)].map(Number.parseFloat));
  // "max", -1 and files that are not there are no limits.
  const limits = [...unified, ...old].flatMap(([quota = 0, period = 0]) => (quota > 0 && period > 0 ? [quota / period] : []));
  return limits.length === 0 ? null : Math.min(...limits);
}

/** A group's folder and those above it. In a container the path may be the host's: the root is the container's own group then. */
function groupFolders(root: string, path = "/"): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return [root, ...parts.map((_, index) => `${root}/${parts.slice(0, index + 1).join("/")}`)];
}
