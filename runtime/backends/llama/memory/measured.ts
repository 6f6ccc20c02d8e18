import { readFileSync } from "node:fs";
import type { MemoryParts, ModelMemory } from "../../../../protocol/model.ts";
import { kilobytes } from "../../../machine/available-memory.ts";
import { deviceOf, isMapped, readBufferSizes } from "./buffer-log.ts";

/** The buffers of a loaded model, from the log lines of its loading, and the process around them. */
export function measureMemory(lines: readonly string[]): ModelMemory["measured"] {
  return { ...bufferParts(lines), ...processMemory() };
}

/**
 * A mapped file begins at the first and ends at the last tensor that is used in place, so the originals of tensors that were repacked for this
 * processor lie inside. They are counted once, as copies: the system may drop their pages, and nobody reads them again.
 */
export function bufferParts(lines: readonly string[]): MemoryParts {
  const sizes = readBufferSizes(lines, false);
  const mapped = byDevice(sizes.weights, isMapped);
  const copied = byDevice(sizes.weights, (name) => !isMapped(name));
  const devices = [...new Set([...mapped.keys(), ...copied.keys()])];
  const parts = {
    weights: sum(devices.map((device) => Math.max(mapped.get(device) ?? 0, copied.get(device) ?? 0))),
    kv: sum([...sizes.kv.values()]),
    compute: sum([...sizes.compute.values()]),
  };
  return { ...parts, total: parts.weights + parts.kv + parts.compute };
}

const sum = (values: readonly number[]): number => values.reduce((total, bytes) => total + bytes, 0);

function byDevice(buffers: ReadonlyMap<string, number>, wanted: (name: string) => boolean): ReadonlyMap<string, number> {
  const devices = new Map<string, number>();
  for (const [name, bytes] of buffers) {
    if (wanted(name)) devices.set(deviceOf(name), (devices.get(deviceOf(name)) ?? 0) + bytes);
  }
  return devices;
}

function processMemory(): { readonly rss: number; readonly anonymous: number | null } {
  const rss = process.memoryUsage.rss();
  try {
    return { rss, anonymous: kilobytes(readFileSync("/proc/self/smaps_rollup", "latin1"), "Anonymous") ?? null };
  } catch {
    return { rss, anonymous: null }; // Only Linux tells them apart.
  }
}
