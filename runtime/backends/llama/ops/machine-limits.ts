import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { z } from "zod";

import type { MachineLimits } from "../../backend.ts";
import { writeHint } from "../threads/learned.ts";
import { ggml_backend_dev_type } from "../native/llama.generated.ts";
import type { Library } from "../native/library.ts";
import type { Threads } from "../threads/index.ts";
import { measureLimits } from "./measure-limits.ts";

const Known = z.record(z.string(), z.object({ gbPerS: z.number().positive(), gflopPerS: z.number().positive(), threads: z.int(), device: z.string() }));

export interface MachineLimitsOptions {
  readonly library: Library;
  readonly home: string;
  readonly threads: Threads;
  readonly onGpu: boolean;
}

/** What this machine can do with the threads that the model has now: measured once, about a second, then read from the state folder. */
export function machineLimits({ library, home, threads, onGpu }: MachineLimitsOptions): MachineLimits | null {
  const { GGML_BACKEND_DEVICE_TYPE_CPU, GGML_BACKEND_DEVICE_TYPE_GPU } = ggml_backend_dev_type;
  const device = library.binding.ggml_backend_dev_by_type(onGpu ? GGML_BACKEND_DEVICE_TYPE_GPU : GGML_BACKEND_DEVICE_TYPE_CPU);
  if (device === null) return null;
  const name = onGpu ? (library.binding.ggml_backend_dev_description(device) ?? "GPU") : (cpus()[0]?.model.trim() ?? "CPU");
  const path = join(home, "limits.json");
  const key = `${name}, ${threads.count} threads; ${library.folder.release}`;
  const known = readKnown(path);
  const found = known[key];
  if (found !== undefined) return found;
  const { result, undisturbed } = watched(threads.count, () => measureLimits(library, device, onGpu ? null : { count: threads.count, pool: threads.pool() }));
  if (result === null) return null;
  const limits = { ...result, threads: threads.count, device: name };
  // What a busy machine left over is not what it can do: better luck next time.
  if (onGpu || undisturbed) writeHint(path, { ...known, [key]: limits });
  return onGpu || undisturbed ? limits : { ...limits, disturbed: true };
}

/** Whether the threads had their processors all the time. */
function watched<T>(threads: number, measure: () => T): { readonly result: T; readonly undisturbed: boolean } {
  const cpuUs = (): number => process.cpuUsage().user + process.cpuUsage().system;
  const start = { cpuUs: cpuUs(), ms: performance.now() };
  const result = measure();
  const wallUs = (performance.now() - start.ms) * 1000;
  return { result, undisturbed: cpuUs() - start.cpuUs > 0.9 * wallUs * threads };
}

function readKnown(path: string): z.infer<typeof Known> {
  try {
    return Known.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return {};
  }
}
