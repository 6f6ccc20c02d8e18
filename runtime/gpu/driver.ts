import { join } from "node:path";
import type { Machine } from "../machine/machine.ts";
import type { GpuKind } from "./packages.ts";

interface Driver {
  /** What the loader asks for. */
  readonly linux: string;
  readonly windows: string;
  readonly install: string;
  /** Whether a device node is there; Windows gives no such sign. */
  hasDevice(machine: Machine): boolean;
  readonly device: string;
}

const drivers: Record<GpuKind, Driver> = {
  cuda: {
    linux: "libcuda.so.1",
    windows: "nvcuda.dll",
    install: "Install NVIDIA's driver.",
    device: "NVIDIA GPU",
    // The last is Windows' GPU inside WSL.
    hasDevice: (machine) => machine.list("/dev").some((name) => /^nvidia\d+$/.test(name)) || machine.exists("/dev/dxg"),
  },
  vulkan: {
    linux: "libvulkan.so.1",
    windows: "vulkan-1.dll",
    install: "Install your GPU's Vulkan driver and the Vulkan loader (Debian: apt install libvulkan1 mesa-vulkan-drivers).",
    device: "GPU",
    hasDevice: (machine) => machine.list("/dev/dri").some((name) => name.startsWith("renderD")) || drivers.cuda.hasDevice(machine),
  },
};

/** Folders where loaders look first on common systems, containers and WSL among them; the rest is in the loader's cache. */
const libraryFolders = [
  "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib", "/lib", "/usr/local/lib",
  "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/usr/local/cuda/compat", "/run/opengl-driver/lib",
];

export interface DriverState {
  /** What is not there, as reasons; empty when device and driver both seem to be. */
  readonly missing: readonly string[];
  /** Whether there is a device for which a driver or a library would help. */
  readonly hasDevice: boolean;
  /** How to get the driver; null when it is there, or would be of no use. */
  readonly fix: string | null;
}

/** What can be told of a kind of GPU without loading anything. Says why, where a library finds no device; it does not decide. */
export function lookForDriver(kind: GpuKind, machine: Machine): DriverState {
  const driver = drivers[kind];
  const hasDevice = machine.platform === "win32" || driver.hasDevice(machine);
  const name = machine.platform === "win32" ? driver.windows : driver.linux;
  const driven = hasLibrary(machine, name);
  const missing = [...(hasDevice ? [] : [`no ${driver.device} found`]), ...(driven ? [] : [`no driver (${name})`])];
  return { missing, hasDevice, fix: hasDevice && !driven ? driver.install : null };
}

function hasLibrary(machine: Machine, name: string): boolean {
  if (machine.platform === "win32") return machine.exists(join(machine.env["SystemRoot"] ?? String.raw`C:\Windows`, "System32", name));
  const asked = (machine.env["LD_LIBRARY_PATH"] ?? "").split(":").filter((folder) => folder !== "");
  return [...asked, ...libraryFolders].some((folder) => machine.exists(join(folder, name))) || machine.read("/etc/ld.so.cache").includes(name);
}
