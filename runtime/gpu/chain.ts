import { formatBytes } from "../../base/format-bytes.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { LibraryFolder, LibraryKind } from "../backends/llama/native/folder.ts";
import type { Machine } from "../machine/machine.ts";
import type { GpuDevice } from "./device.ts";
import { lookForDriver, type DriverState } from "./driver.ts";
import { gpuKinds, hasGpuPackages, type GpuKind } from "./packages.ts";
import type { Probe } from "./probe.ts";

/** One place to compute on, and whether it was taken. */
export type ChainStep = TakenStep | PassedStep;

export interface TakenStep {
  readonly kind: LibraryKind;
  readonly taken: true;
  readonly reason: string;
  readonly folder: LibraryFolder;
  /** None for the CPU. */
  readonly devices: readonly GpuDevice[];
}

export interface PassedStep {
  readonly kind: LibraryKind;
  readonly taken: false;
  readonly reason: string;
  /** What would help; null when nothing does. */
  readonly fix: string | null;
}

export interface ChainDependencies {
  readonly machine: Machine;
  /** Throws where it is not installed. */
  readonly findFolder: (kind: LibraryKind) => LibraryFolder;
  readonly probe: Probe;
}

/** What there is to compute on, in the order in which `gpu: auto` asks. */
export function chainOf({ platform, arch }: Pick<Machine, "platform" | "arch">): LibraryKind[] {
  if (platform === "darwin") return arch === "arm64" ? ["metal", "cpu"] : ["cpu"];
  return [...(hasGpuPackages({ platform, arch }) ? gpuKinds : []), "cpu"];
}

/** Follows the chain to the first that works. The CPU is its last step and always does. */
export async function walkChain(kinds: readonly LibraryKind[], dependencies: ChainDependencies): Promise<ChainStep[]> {
  const steps: ChainStep[] = [];
  for (const kind of kinds) {
    const step = kind === "cpu" ? cpuStep(dependencies) : await gpuStep(kind, dependencies);
    steps.push(step);
    if (step.taken) break;
  }
  return steps;
}

/** The last step of a walk, which is the one taken; throws when a named GPU could not be. */
export function takenStep(steps: readonly ChainStep[]): TakenStep {
  const last = steps.at(-1);
  if (last?.taken === true) return last;
  throw new InfernoError("model_load_failed", `gpu is ${last?.kind ?? "none"}, which does not work here: ${last?.reason ?? "there is none"}.`, {
    param: "gpu",
    hint: `${last?.fix ?? "`inferno doctor` shows what there is"}. With \`gpu: auto\` the model loads on what works.`,
  });
}

/** Why what comes before the one taken was not; empty when it was the first. */
export const passedOver = (steps: readonly ChainStep[]): string =>
  steps.filter(({ taken }) => !taken).map(({ kind, reason }) => `${kind}: ${reason}`).join("; ");

function cpuStep({ findFolder }: ChainDependencies): ChainStep {
  return { kind: "cpu", taken: true, reason: "always there", folder: findFolder("cpu"), devices: [] };
}

async function gpuStep(kind: Exclude<LibraryKind, "cpu">, { machine, findFolder, probe }: ChainDependencies): Promise<ChainStep> {
  const pass = (reason: string, fix: string | null = null): PassedStep => ({ kind, taken: false, reason, fix });
  const isGpuPackage = kind !== "metal";
  if (!chainOf(machine).includes(kind)) return pass(`there is no ${kind} library for ${machine.platform} ${machine.arch}`);
  const driver: DriverState = isGpuPackage ? lookForDriver(kind, machine) : { missing: [], hasDevice: true, fix: null };
  let folder: LibraryFolder;
  try {
    folder = findFolder(kind);
  } catch (error) {
    const reasons = [...driver.missing, isGpuPackage ? "library not installed" : InfernoError.from(error).message];
    return pass(reasons.join(", "), driver.fix ?? installFix(kind, driver));
  }
  const result = await probe(folder);
  if ("failure" in result) return pass(result.failure, driver.fix);
  const [first] = result.devices;
  if (first === undefined) return pass(driver.missing.length > 0 ? driver.missing.join(", ") : noDevice[kind], driver.fix);
  return { kind, taken: true, reason: result.devices.map(describeDevice).join("; "), folder, devices: result.devices };
}

const installFix = (kind: GpuKind | "metal", { hasDevice }: DriverState): string | null =>
  hasDevice && kind !== "metal" ? `inferno gpu install ${kind}` : null;

const noDevice: Readonly<Record<GpuKind | "metal", string>> = {
  cuda: "the library finds no device that it can use",
  // Mesa's llvmpipe is such a device. It is slower than llama.cpp's own code for the same processor.
  vulkan: "the library finds no GPU (drivers that compute on the CPU do not count, unless GGML_VK_VISIBLE_DEVICES names them)",
  metal: "the library finds no device",
};

const describeDevice = ({ description, freeBytes, totalBytes }: GpuDevice): string =>
  `${description}, ${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} free`;
