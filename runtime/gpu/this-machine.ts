import { join } from "node:path";
import { findLibraryFolder } from "../backends/llama/native/folder.ts";
import { thisMachine } from "../machine/machine.ts";
import type { ChainDependencies } from "./chain.ts";
import { cachedProbe } from "./probe-cache.ts";
import { probeInChild } from "./probe.ts";

/** The GPUs of this machine, with the libraries in `home` and in node_modules at or above `from`. */
export function thisMachinesGpus(home: string, from: string): ChainDependencies {
  const machine = thisMachine();
  const { platform, arch } = machine;
  return {
    machine,
    findFolder: (gpu) => findLibraryFolder({ platform, arch, from, home, gpu }),
    probe: cachedProbe(probeInChild, join(home, "gpu", "probes.json"), machine),
  };
}
