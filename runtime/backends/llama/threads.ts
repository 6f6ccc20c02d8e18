import { readFileSync } from "node:fs";

export interface Processors {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Logical processors that this process may use (`os.availableParallelism()`). */
  readonly available: number;
  /** Linux: the processors that share a core with processor `index`, such as `0,4`; undefined when there is no such processor. */
  readonly siblingsOf: (index: number) => string | undefined;
}

export function linuxSiblings(index: number): string | undefined {
  try {
    return readFileSync(`/sys/devices/system/cpu/cpu${index}/topology/thread_siblings_list`, "utf8").trim();
  } catch {
    return undefined; // Past the last processor, or a system without /sys.
  }
}

/**
 * Physical cores less one, at least one. Two threads on one core share its vector units and gain nothing; and ggml's threads
 * spin, so with a thread on every core a single busy neighbour makes all of them wait for the one that was preempted.
 */
export function defaultThreads(processors: Processors): number {
  return Math.max(1, physicalCores(processors) - 1);
}

export function physicalCores({ platform, arch, available, siblingsOf }: Processors): number {
  if (platform === "linux") {
    const cores = new Set<string>();
    for (let index = 0; ; index += 1) {
      const siblings = siblingsOf(index);
      if (siblings === undefined) break;
      cores.add(siblings);
    }
    // A container may be allowed fewer processors than the machine has.
    return cores.size === 0 ? available : Math.min(cores.size, available);
  }
  // Apple's and other arm processors run one thread a core; x64 desktops elsewhere nearly always run two.
  return arch === "x64" ? Math.max(1, Math.floor(available / 2)) : available;
}
