import type { MemoryParts } from "../../../../protocol/model.ts";

/** Bytes needed of one device's memory. */
export interface DeviceNeed extends MemoryParts {
  readonly device: string;
}

export const totalOf = (needs: readonly MemoryParts[]): MemoryParts => {
  const sum = (part: keyof MemoryParts): number => needs.reduce((bytes, need) => bytes + need[part], 0);
  return { weights: sum("weights"), kv: sum("kv"), compute: sum("compute"), total: sum("total") };
};

/** What one file's part of it is. */
export interface ModelNeed {
  readonly name: string;
  readonly needs: readonly DeviceNeed[];
}

/** Of each device, what all of them need together. */
export function together(models: readonly ModelNeed[]): DeviceNeed[] {
  const needs = models.flatMap((model) => model.needs);
  return [...new Set(needs.map(({ device }) => device))].map((device) => ({ device, ...totalOf(needs.filter((need) => need.device === device)) }));
}

export function deviceNeeds(weights: ReadonlyMap<string, number>, kv: ReadonlyMap<string, number>, compute: ReadonlyMap<string, number>): DeviceNeed[] {
  const devices = new Set(["CPU", ...weights.keys(), ...kv.keys(), ...compute.keys()]);
  return [...devices].map((device) => {
    const parts = { weights: weights.get(device) ?? 0, kv: kv.get(device) ?? 0, compute: compute.get(device) ?? 0 };
    return { device, ...parts, total: parts.weights + parts.kv + parts.compute };
  });
}

/** The device that has less than is needed, or undefined when all fit. A device of which nothing is known is not held against a model. */
export function shortOf(needs: readonly DeviceNeed[], free: ReadonlyMap<string, number>): DeviceNeed | undefined {
  return needs.find(({ device, total }) => total > (free.get(device) ?? Infinity));
}

/** The line through two predictions, followed to `cells`: KV cells and attention masks grow in proportion to them. */
export function extrapolate(at: { cells: number; needs: readonly DeviceNeed[] }, and: { cells: number; needs: readonly DeviceNeed[] }, cells: number): DeviceNeed[] {
  const factor = (cells - at.cells) / (and.cells - at.cells);
  return and.needs.map((need) => {
    const other = at.needs.find(({ device }) => device === need.device);
    const along = (part: keyof MemoryParts): number => Math.round((other?.[part] ?? need[part]) + (need[part] - (other?.[part] ?? need[part])) * factor);
    const parts = { weights: need.weights, kv: along("kv"), compute: along("compute") };
    return { device: need.device, ...parts, total: parts.weights + parts.kv + parts.compute };
  });
}
