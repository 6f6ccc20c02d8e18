import { join } from "node:path";
import { gpuPackages, hasGpuPackages, packageScope, type GpuKind } from "../gpu/packages.ts";
import type { Outcome } from "./finding.ts";
import type { Machine } from "../machine/machine.ts";

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

export interface GraphicsOptions {
  readonly machine: Machine;
  /** Folders that hold `@node-llama-cpp`: the state folder's gpu/ and node_modules. */
  readonly roots: readonly string[];
}

/** Whether layers can go to this kind of GPU, and if not, every reason why. */
export function checkGpu(kind: GpuKind, { machine, roots }: GraphicsOptions): Outcome {
  if (!hasGpuPackages(machine)) return { verdict: "missing", detail: `there is no ${kind} library for ${machine.platform} ${machine.arch}`, fix: null };
  const driver = drivers[kind];
  const [library = ""] = gpuPackages(kind, machine);
  const installed = roots.some((root) => machine.list(join(root, packageScope, library, "bins")).length > 0);
  const device = machine.platform === "win32" || driver.hasDevice(machine);
  const name = machine.platform === "win32" ? driver.windows : driver.linux;
  const driven = hasLibrary(machine, name);
  const reasons = [
    ...(device ? [] : [`no ${driver.device} found`]),
    ...(driven ? [] : [`no driver (${name})`]),
    ...(installed ? [] : ["library not installed"]),
  ];
  if (reasons.length === 0) return { verdict: "ok", detail: `${driver.device}, driver and library are there`, fix: null };
  return { verdict: "missing", detail: reasons.join(", "), fix: fixFor(kind, { device, driven, driver }) };
}

/** The first step that helps. Where there is no device nothing does. */
function fixFor(kind: GpuKind, { device, driven, driver }: { device: boolean; driven: boolean; driver: Driver }): string | null {
  if (!device) return null;
  return driven ? `inferno gpu install ${kind}` : driver.install;
}

export function checkMetal({ platform, arch }: Machine): Outcome {
  if (platform === "darwin" && arch === "arm64") return { verdict: "ok", detail: "part of the installed library", fix: null };
  return { verdict: "missing", detail: "only on Apple silicon", fix: null };
}

function hasLibrary(machine: Machine, name: string): boolean {
  if (machine.platform === "win32") return machine.exists(join(machine.env["SystemRoot"] ?? String.raw`C:\Windows`, "System32", name));
  const asked = (machine.env["LD_LIBRARY_PATH"] ?? "").split(":").filter((folder) => folder !== "");
  return [...asked, ...libraryFolders].some((folder) => machine.exists(join(folder, name))) || machine.read("/etc/ld.so.cache").includes(name);
}
