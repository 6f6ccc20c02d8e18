import { InfernoError } from "../../protocol/errors.ts";

/** GPU libraries that node-llama-cpp publishes as packages of their own. Metal needs none: Apple's package carries it. */
export const gpuKinds = ["cuda", "vulkan"] as const;
export type GpuKind = (typeof gpuKinds)[number];

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
}

export const packageScope = "@node-llama-cpp";

/** Package names without scope, the one with the library first. `-ext` holds the same backend built for older drivers and GPUs. */
export function gpuPackages(kind: GpuKind, { platform, arch }: Machine): string[] {
  const system = systemName({ platform, arch });
  if (system === null) {
    const hint = platform === "darwin"
      ? "On Apple silicon Metal is installed already; other Macs compute on the CPU."
      : "This machine computes on the CPU.";
    throw new InfernoError("usage", `There is no ${kind} library for ${platform} ${arch}.`, { hint });
  }
  return kind === "cuda" ? [`${system}-cuda`, `${system}-cuda-ext`] : [`${system}-vulkan`];
}

export const hasGpuPackages = (machine: Machine): boolean => systemName(machine) !== null;

export function isGpuKind(value: string): value is GpuKind {
  return gpuKinds.some((kind) => kind === value);
}

function systemName({ platform, arch }: Machine): string | null {
  if (arch !== "x64") return null;
  if (platform === "linux") return "linux-x64";
  return platform === "win32" ? "win-x64" : null;
}
