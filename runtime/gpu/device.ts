import { z } from "zod";

/** A graphics device as llama.cpp reports it. */
export const GpuDevice = z.object({
  /** llama.cpp's own name, such as `Vulkan0`. */
  name: z.string(),
  /** The maker's, such as `NVIDIA H100`. */
  description: z.string(),
  freeBytes: z.number(),
  totalBytes: z.number(),
});
export type GpuDevice = z.infer<typeof GpuDevice>;

/** What became of a library that was loaded in a process of its own: its devices, or why there are none. */
export const ProbeResult = z.union([z.object({ devices: z.array(GpuDevice) }), z.object({ failure: z.string() })]);
export type ProbeResult = z.infer<typeof ProbeResult>;
