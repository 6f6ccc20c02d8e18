import { thisMachinesMemory } from "../../../machine/available-memory.ts";
import type { Library } from "../native/library.ts";

/** Free bytes of each device now: `CPU` is the machine's memory, the others are graphics memory. */
export function freeMemory({ binding }: Library): ReadonlyMap<string, number> {
  const free = new Map([["CPU", thisMachinesMemory().freeBytes]]);
  const count = Number(binding.ggml_backend_dev_count());
  for (let index = 0; index < count; index += 1) {
    const device = binding.ggml_backend_dev_get(index);
    const name = binding.ggml_backend_dev_name(device);
    const bytes = new BigUint64Array(2);
    binding.ggml_backend_dev_memory(device, bytes.subarray(0, 1), bytes.subarray(1));
    // Accelerators without memory of their own (BLAS) report nothing.
    if (name !== null && !free.has(name) && bytes[1]! > 0n) free.set(name, Number(bytes[0]));
  }
  return free;
}
