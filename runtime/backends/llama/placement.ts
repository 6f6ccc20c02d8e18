import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { InfernoError } from "../../../protocol/errors.ts";
import type { ModelInfo } from "../../../protocol/model.ts";
import { chainOf, passedOver, takenStep, walkChain, type ChainStep, type TakenStep } from "../../gpu/chain.ts";
import { thisMachinesGpus } from "../../gpu/this-machine.ts";
import type { Machine } from "../../machine/machine.ts";
import type { LoadOptions } from "../backend.ts";
import { forecastMemory } from "./memory/memory-plan.ts";
import { largestThatFits } from "./memory/largest.ts";
import { tensorBytes, withHeader } from "./memory/tensor-bytes.ts";
import type { LibraryKind } from "./native/folder.ts";
import type { Library } from "./native/library.ts";

/** Where a model computes, and why there. */
export interface Placement {
  readonly step: TakenStep;
  /** Layers on the GPU, the output layer counted. */
  readonly layers: number;
  /** Why not on what comes before; empty when it is the first choice. */
  readonly reason: string;
}

/** Of a device's free memory: other programs draw on the same, and drivers keep some for themselves. */
const usableShare = 0.95;

/** The library to load: the first of the chain that works. Throws where a named GPU, or a number of layers for one, cannot be had. */
export async function findPlace(options: LoadOptions, home: string): Promise<readonly ChainStep[]> {
  const gpus = thisMachinesGpus(home, dirname(fileURLToPath(import.meta.url)));
  const steps = await walkChain(kindsFor(options, gpus.machine), gpus);
  const { gpu, gpuLayers } = options;
  // Layers that were asked for on a GPU and ran on the CPU would look like a slow GPU.
  if (gpuLayers !== "auto" && gpuLayers > 0 && takenStep(steps).kind === "cpu") {
    const why = gpu === "cpu" ? "gpu is cpu" : passedOver(steps) || "there is no GPU library for this machine";
    throw new InfernoError("model_load_failed", `gpu_layers is ${gpuLayers}, but there is no GPU to put them on: ${why}.`, {
      param: "gpu_layers",
      hint: "`inferno doctor` says what is missing and `inferno gpu install cuda` (or `vulkan`) fetches a GPU library; or set gpu_layers to auto or 0.",
    });
  }
  return steps;
}

function kindsFor({ gpu, gpuLayers }: LoadOptions, machine: Machine): LibraryKind[] {
  if (gpuLayers === 0) return ["cpu"];
  return gpu === "auto" ? chainOf(machine) : [gpu];
}

/** How many layers go to the GPU: as configured, or as many as fit into its free memory. */
export function placeLayers(library: Library, options: LoadOptions, steps: readonly ChainStep[]): Placement {
  const step = takenStep(steps);
  const reason = passedOver(steps);
  if (step.kind === "cpu") return { step, layers: 0, reason: options.gpuLayers === 0 ? "gpu_layers is 0" : reason };
  if (options.gpuLayers !== "auto") return { step, layers: options.gpuLayers, reason };
  const layers = layersThatFit(layersOf(library, options.path), (count) => fitsOnGpu(library, options, count));
  if (layers === 0) return onCpu(step, options, `not enough memory for one layer (${step.reason})`);
  return { step, layers, reason };
}

/** With `gpu: auto`, a GPU that fails is passed over. The library stays: a process can hold only one, and this one has the CPU's code too. */
export function onCpu(step: TakenStep, { gpu, gpuLayers, path }: LoadOptions, reason: string): Placement {
  if (gpu === "auto" && gpuLayers === "auto") return { step, layers: 0, reason: `${step.kind}: ${reason}` };
  throw new InfernoError("model_does_not_fit", `${path} cannot be put on ${step.kind}: ${reason}.`, { param: "gpu" });
}

/** The most layers that fit, of as many as there are. Most often it is all of them: they are tried first. */
export function layersThatFit(layers: number, fits: (layers: number) => boolean): number {
  return fits(layers) ? layers : (largestThatFits(layers, 1, fits) ?? 0);
}

function fitsOnGpu(library: Library, options: LoadOptions, layers: number): boolean {
  // A draft model takes what the model leaves.
  const { devices } = forecastMemory(library, { ...options, draft: undefined }, layers);
  return devices.every(({ name, total, free }) => name === "CPU" || free === null || total <= usableShare * free);
}

/** Blocks and the output layer. */
function layersOf(library: Library, path: string): number {
  const names = withHeader(library, path, (header) => [...tensorBytes(library, header).keys()]) ?? [];
  return names.reduce((most, name) => Math.max(most, Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? -1) + 2), 1);
}

export function describeDevice({ step: { kind, devices }, layers, reason }: Placement): ModelInfo["device"] {
  if (layers === 0) return { kind: "cpu", name: cpus()[0]?.model.trim() ?? "CPU", layers, reason };
  return { kind, name: devices.map(({ description }) => description).join(", "), layers, reason };
}
