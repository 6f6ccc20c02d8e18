import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Machine } from "../machine/machine.ts";
import { ProbeResult } from "./device.ts";
import type { Probe } from "./probe.ts";

const Cache = z.record(z.string(), z.object({ stamp: z.string(), result: ProbeResult }));
type Cache = z.infer<typeof Cache>;

/** What a driver is: when one of these changes, an earlier result says nothing any more. */
const driverPlaces = [
  "/dev/dri", "/etc/ld.so.cache", "/etc/vulkan/icd.d", "/usr/share/vulkan/icd.d", "/proc/driver/nvidia/version", "/usr/lib/wsl/lib",
];
const driverVariables = [
  "CUDA_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES", "VK_ICD_FILENAMES", "VK_DRIVER_FILES", "LD_LIBRARY_PATH", "NVIDIA_VISIBLE_DEVICES",
];

/**
 * Remembers results in a file of the state folder, so that a load does not wait for a probe. They hold for one library file, one driver and
 * one start of the machine. A probe that ran out of time may only have met a busy machine, and is not remembered.
 */
export function cachedProbe(probe: Probe, path: string, machine: Machine): Probe {
  return async (folder) => {
    const stamp = stampOf(folder.path, folder.files.llama, machine);
    const known = read(path)[folder.path];
    if (known?.stamp === stamp) return known.result;
    const result = await probe(folder);
    if (!("failure" in result && result.failure.includes("SIGKILL"))) write(path, { ...read(path), [folder.path]: { stamp, result } });
    return result;
  };
}

function stampOf(folder: string, library: string, machine: Machine): string {
  // /dev itself changes with every terminal: there the names of devices count.
  const devices = machine.list("/dev").filter((name) => /^(?:nvidia|dxg|kfd)/.test(name)).sort().join(" ");
  const places = [folder, library, join(folder, "libggml-cuda.so"), join(folder, "libggml-vulkan.so"), ...driverPlaces];
  return JSON.stringify([
    machine.read("/proc/sys/kernel/random/boot_id").trim(), devices, ...places.map((place) => machine.modifiedMs(place)),
    ...driverVariables.map((name) => machine.env[name] ?? null),
  ]);
}

function read(path: string): Cache {
  try {
    return Cache.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return {}; // Not there yet, or broken: probing anew repairs it.
  }
}

function write(path: string, cache: Cache): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${JSON.stringify(cache, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    // Only the next load is slower.
  }
}
