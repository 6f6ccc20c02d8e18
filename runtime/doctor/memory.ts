import { availableMemory as available, type AvailableMemory } from "../machine/available-memory.ts";
import type { Machine } from "../machine/machine.ts";

/** Memory that programs can still get, of the machine that the checks see. */
export function availableMemory(machine: Machine): AvailableMemory {
  const { totalBytes, freeBytes } = machine.memory;
  return available({ totalBytes, availableBytes: freeBytes, read: (path) => machine.read(path) });
}
